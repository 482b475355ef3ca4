import { isSafeUrl } from '../../kernel/addresses/safe-url.ts'
import type { Clock } from '../../kernel/clock.ts'
import { AuthError } from '../../kernel/errors.ts'
import { isPlainObject, parseStrictJson } from '../../kernel/strict-json.ts'
import { type BearerKind, bearerKinds } from '../../tokens/claims.ts'
import type { TokenPlaces } from '../api/token-places.ts'
import { type Fetch, guardFetch } from '../http-client/index.ts'

/** What a gateway tells its guards. `null` is what one of an older version does not say. */
export type GatewayMetadata = Readonly<{
  issuer: string
  jwksUrl: URL
  introspectUrl: URL
  guardsUrl: URL | null
  /** Where the newest head of the trail is shown. */
  headUrl: URL | null
  audience: readonly string[] | null
  accept: readonly BearerKind[] | null
  algorithms: readonly string[] | null
  places: TokenPlaces | null
}>

type Wanted = Readonly<{ gateway: string; insecure: boolean; clock: Clock; fetch: Fetch }>
type Members = Readonly<Record<string, unknown>>

const bytesMax = 64 * 1024
const timeoutMs = 2_000
const listMax = 32
const name = '/.well-known/oauth-authorization-server'

const wrong = (gateway: string, problem: string): AuthError =>
  new AuthError('CONFIG_INVALID', `gateway ${gateway}: ${problem}`)

/** RFC 8414, 3.1: between host and path; behind the path where that is the gateway's base path. */
const metadataUrls = (gateway: string, insecure: boolean): readonly URL[] => {
  if (!URL.canParse(gateway)) throw wrong(gateway, 'this is no address')
  const url = new URL(gateway)
  if (!isSafeUrl(url, insecure)) throw wrong(gateway, 'it must be https (or `insecure`)')
  const path = url.pathname.replace(/\/$/, '')
  return [...new Set([`${name}${path}`, `${path}${name}`])].map((one) => new URL(one, url))
}

/** `null` where somebody answered, and it was no metadata. */
const fetchMembers = async (url: URL, { clock, fetch }: Wanted): Promise<Members | null> => {
  const init = { headers: { accept: 'application/json' } }
  const { status, text } = await guardFetch({ fetch, clock, url, init, timeoutMs, bytesMax })
  const parsed = parseStrictJson(text, { depthMax: 8 })
  return status === 200 && parsed.ok && isPlainObject(parsed.value) ? parsed.value : null
}

const firstOf = async (urls: readonly URL[], wanted: Wanted): Promise<Members> => {
  for (const url of urls) {
    const members = await fetchMembers(url, wanted)
    if (members !== null) return members
  }
  const asked = urls.map(({ origin, pathname }) => `${origin}${pathname}`).join(' and ')
  const problem = `there are no metadata at ${asked}: is \`gateway\` its address?`
  throw new AuthError('GUARD_STALE', `gateway ${wanted.gateway}: ${problem}`)
}

const token = /^[\w!#$%&'*+.^`|~-]{1,64}$/
const isText = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= 255
const isToken = (value: unknown): value is string => isText(value) && token.test(value)
const isKind = (value: unknown): value is BearerKind => bearerKinds.some((kind) => kind === value)

const listOf = <T>(value: unknown, is: (one: unknown) => one is T): readonly T[] | null =>
  Array.isArray(value) && value.length > 0 && value.length <= listMax && value.every(is)
    ? value
    : null

const placesIn = (members: Members): TokenPlaces | null => {
  const { curfew_cookie_name: cookieName, curfew_header_name: headerName } = members
  const headerTypes = listOf(members['curfew_header_types'], isToken)
  if (!isToken(cookieName) || !isToken(headerName) || headerTypes === null) return null
  return { cookieNames: [cookieName], headerName, headerTypes }
}

/**
 * Asks a gateway for its RFC 8414 metadata. Cost: one request of at most 2 s and 64 KiB; two where
 * the address has a path.
 *
 * @throws AuthError GUARD_STALE when it does not answer as it should; CONFIG_INVALID when keys and
 *   introspection are not behind https.
 */
export const fetchGatewayMetadata = async (wanted: Wanted): Promise<GatewayMetadata> => {
  const { gateway, insecure } = wanted
  const members = await firstOf(metadataUrls(gateway, insecure), wanted)
  const { issuer } = members
  if (!isText(issuer)) throw wrong(gateway, 'its metadata name no issuer')
  const addressIn = (member: string): URL | null => {
    const given = members[member]
    const address = typeof given === 'string' && URL.canParse(given) ? new URL(given) : null
    return address && isSafeUrl(address, insecure) ? address : null
  }
  const needed = (member: string): URL => {
    const address = addressIn(member)
    if (address === null) throw wrong(gateway, `its ${member} must be https (or \`insecure\`)`)
    return address
  }
  return {
    issuer,
    jwksUrl: needed('jwks_uri'),
    introspectUrl: needed('introspection_endpoint'),
    guardsUrl: addressIn('curfew_guards_endpoint'),
    headUrl: addressIn('curfew_audit_head_endpoint'),
    audience: listOf(members['curfew_audience'], isText),
    accept: listOf(members['curfew_token_classes'], isKind),
    algorithms: listOf(members['curfew_token_signing_alg_values_supported'], isToken),
    places: placesIn(members),
  }
}
