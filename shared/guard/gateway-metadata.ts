import type { Clock } from '../kernel/clock.ts'
import { AuthError } from '../kernel/errors.ts'
import { isSafeUrl } from '../kernel/safe-url.ts'
import { isPlainObject, parseStrictJson } from '../tokens/json-scan.ts'
import { boundedFetch, type Fetch } from './bounded-fetch.ts'

/** What a guard needs to know of its gateway. */
export type GatewayMetadata = Readonly<{ issuer: string; jwksUrl: URL; introspectUrl: URL }>

type Wanted = Readonly<{ gateway: string; insecure: boolean; clock: Clock; fetch: Fetch }>

const bytesMax = 64 * 1024
const timeoutMs = 2_000

const wrong = (gateway: string, problem: string): AuthError =>
  new AuthError('CONFIG_INVALID', `${gateway}: ${problem}`)

/** RFC 8414, 3.1: between the host and the path of the issuer. */
const metadataUrl = (gateway: string, insecure: boolean): URL => {
  if (!URL.canParse(gateway)) throw wrong(gateway, 'the gateway must be an address')
  const url = new URL(gateway)
  if (!isSafeUrl(url, insecure)) throw wrong(gateway, 'the gateway must be https')
  const path = url.pathname.replace(/\/$/, '')
  return new URL(`/.well-known/oauth-authorization-server${path}`, url)
}

/**
 * Asks a gateway for its RFC 8414 metadata. Cost: one request of at most 2 s and 64 KiB.
 *
 * @throws AuthError GUARD_STALE when it does not answer as it should; CONFIG_INVALID when the
 *   issuer is not letter for letter the address that was asked for (RFC 8414, 3.3: another one's
 *   metadata), or keys and introspection are not behind https.
 */
export const fetchGatewayMetadata = async (wanted: Wanted): Promise<GatewayMetadata> => {
  const { gateway, insecure, clock, fetch } = wanted
  const url = metadataUrl(gateway, insecure)
  const init = { headers: { accept: 'application/json' } }
  const { status, text } = await boundedFetch({ fetch, clock, url, init, timeoutMs, bytesMax })
  const parsed = parseStrictJson(text, { depthMax: 8 })
  if (status !== 200 || !parsed.ok || !isPlainObject(parsed.value)) {
    throw new AuthError('GUARD_STALE', `${url.href} answered ${status} and no metadata`)
  }
  const { value } = parsed
  const issuer = value['issuer']
  if (issuer !== gateway) throw wrong(gateway, `it calls itself ${JSON.stringify(issuer)}`)
  const named = (member: string): URL => {
    const given = value[member]
    const address = typeof given === 'string' && URL.canParse(given) ? new URL(given) : null
    if (!address || !isSafeUrl(address, insecure)) throw wrong(gateway, `${member} must be https`)
    return address
  }
  return {
    issuer,
    jwksUrl: named('jwks_uri'),
    introspectUrl: named('introspection_endpoint'),
  }
}
