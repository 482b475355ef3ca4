import type { Clock } from '../kernel/clock.ts'
import { AuthError } from '../kernel/errors.ts'
import type { EpochMs } from '../kernel/ids.ts'
import type { BearerClaims } from '../tokens/claims.ts'
import { isPlainObject, parseStrictJson } from '../tokens/json-scan.ts'
import { basicCredentials } from './basic-credentials.ts'
import { boundedFetch, type Fetch } from './bounded-fetch.ts'
import { clientRefusal } from './client-refusal.ts'

export type Introspection = Readonly<{ active: boolean }>
/** Asks whoever knows whether a token is live. A rejection makes the guard answer 503. */
export type Introspect = (token: string, claims: BearerClaims) => Promise<Introspection>

export type RemoteIntrospectionOptions = Readonly<{
  /** The gateway's `/introspect`. */
  url: URL
  clientId: string
  secret: string
  clock: Clock
  timeoutMs?: number
  fetch?: Fetch
}>

const bytesMax = 16 * 1024

/**
 * RFC 7662 over HTTP Basic. Cost: one request a call (`createGuard` shares and keeps answers).
 * Rejects with GUARD_STALE when the answer is late (1 s), no 200, or no introspection response.
 *
 * @example
 * const introspect = remoteIntrospection({
 *   url: new URL('https://auth.example/introspect'),
 *   clientId: 'orders',
 *   secret: config.clientSecret,
 *   clock: systemClock,
 * })
 */
export const remoteIntrospection = ({
  url,
  clientId,
  secret,
  clock,
  timeoutMs = 1_000,
  fetch = globalThis.fetch,
}: RemoteIntrospectionOptions): ((
  token: string,
  claims?: BearerClaims,
) => Promise<Introspection>) => {
  const headers = {
    accept: 'application/json',
    authorization: `Basic ${basicCredentials(clientId, secret)}`,
    'content-type': 'application/x-www-form-urlencoded',
  }
  return async (token) => {
    const body = new URLSearchParams({ token, token_type_hint: 'access_token' }).toString()
    const init = { method: 'POST', headers, body }
    const answer = await boundedFetch({ fetch, clock, url, init, timeoutMs, bytesMax })
    const { status } = answer
    if (status !== 200) {
      const refused = clientRefusal(url, { client: clientId, status, permission: 'introspect' })
      const what = refused ?? `${url.origin}${url.pathname} answered ${status}`
      throw new AuthError('GUARD_STALE', `the introspection ${what}`)
    }
    const parsed = parseStrictJson(answer.text, { depthMax: 8 })
    const active = parsed.ok && isPlainObject(parsed.value) ? parsed.value['active'] : undefined
    if (typeof active !== 'boolean') {
      throw new AuthError('GUARD_STALE', 'the introspection answered without `active`')
    }
    return { active }
  }
}

/** By both clocks: the monotonic one stands still while the machine is suspended. */
export type Instant = Readonly<{ wallMs: EpochMs; monotonicMs: number }>
export const instantOf = (clock: Clock): Instant => ({
  wallMs: clock.now(),
  monotonicMs: clock.monotonicMs(),
})
export const ageMs = (since: Instant, clock: Clock): number =>
  Math.max(clock.monotonicMs() - since.monotonicMs, clock.now() - since.wallMs)

type Kept = Readonly<{ askedAt: Instant; answer: Promise<Introspection> }>
type Keeping = Readonly<{ clock: Clock; introspectionKeptMs: number; maxStalenessMs: number }>
const keptMax = 10_000

/** As `Introspect`; with `after`, by a question that was asked after it. */
export type SharedIntrospect = (
  token: string,
  claims: BearerClaims,
  after?: Instant,
) => Promise<Introspection>

/**
 * One question at a time for each token, its answer kept for `introspectionKeptMs` after the
 * question was *asked*: then it is never older than that. One that comes later than
 * `maxStalenessMs` is none, for whoever waited. Failures are not kept. A token alone may be
 * revoked, so sisters of one session do not borrow each other's answers; a session has one access
 * token at a time, so this costs nothing. Rejects as `introspect` does, and with GUARD_STALE for an
 * answer that is too old.
 */
export const sharedIntrospection = (
  introspect: Introspect,
  { clock, introspectionKeptMs, maxStalenessMs }: Keeping,
): SharedIntrospect => {
  const kept = new Map<string, Kept>()
  const ask = (token: string, claims: BearerClaims): Kept => {
    const { jti } = claims
    const asked: Kept = { askedAt: instantOf(clock), answer: introspect(token, claims) }
    kept.delete(jti) // So that the map stays in the order of asking.
    kept.set(jti, asked)
    const [oldest] = kept.keys()
    if (kept.size > keptMax && oldest !== undefined) kept.delete(oldest)
    asked.answer.catch(() => {
      if (kept.get(jti) === asked) kept.delete(jti)
    })
    return asked
  }
  return async (token, claims, after) => {
    const found = kept.get(claims.jti)
    const isUsable =
      found !== undefined &&
      ageMs(found.askedAt, clock) < introspectionKeptMs &&
      (after === undefined || found.askedAt.monotonicMs > after.monotonicMs)
    const { askedAt, answer } = isUsable ? found : ask(token, claims)
    const known = await answer
    if (ageMs(askedAt, clock) < maxStalenessMs) return known
    throw new AuthError('GUARD_STALE', 'the introspection answered too late')
  }
}
