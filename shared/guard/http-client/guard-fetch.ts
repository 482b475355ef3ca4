import {
  type BoundedAnswer,
  type BoundedRequest,
  boundedFetch as fetchWithin,
} from '../../kernel/http/bounded-fetch.ts'

export type { Fetch, FetchOnce } from '../../kernel/http/bounded-fetch.ts'

/** One request that cannot hang, grow or wander. @throws AuthError GUARD_STALE */
export const guardFetch = (request: Omit<BoundedRequest, 'code'>): Promise<BoundedAnswer> =>
  fetchWithin({ ...request, code: 'GUARD_STALE' })

// RFC 6749, 2.3.1: both halves are form-encoded before they are joined.
const formEncoded = (text: string): string => new URLSearchParams({ _: text }).toString().slice(2)

/** What stands behind `Basic ` in a header (RFC 7617). */
export const basicCredentials = (id: string, secret: string): string =>
  Buffer.from(`${formEncoded(id)}:${formEncoded(secret)}`).toString('base64')

/** What a server says of a service client, and which setting mends it; `null` of another status. */
export const clientRefusal = (
  { origin, pathname }: URL,
  { client, status, permission }: Readonly<{ client: string; status: number; permission: string }>,
): string | null => {
  const where = `${origin}${pathname}`
  if (status === 401) {
    const fix = 'clientId and secret must be of one of its CURFEW_SERVICE_CLIENTS'
    return `${where} does not know ${client} (401): ${fix}`
  }
  if (status !== 403) return null
  const fix = `give it the permission ${permission} in CURFEW_SERVICE_CLIENTS`
  return `${where} refuses ${client} (403): ${fix}`
}
