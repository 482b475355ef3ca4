// RFC 6749, 2.3.1: both halves are form-encoded before they are joined.
const formEncoded = (text: string): string => new URLSearchParams({ _: text }).toString().slice(2)

/** What stands behind `Basic ` in a header (RFC 7617). */
export const basicCredentials = (id: string, secret: string): string =>
  Buffer.from(`${formEncoded(id)}:${formEncoded(secret)}`).toString('base64')
