/** The bytes of `text`, or `null` unless it is their one spelling (RFC 4648, 4). */
export const strictBase64 = (text: string): Buffer | null => {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : null
}
