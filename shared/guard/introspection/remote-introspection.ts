import type { Clock } from '../../kernel/clock.ts'
import { AuthError } from '../../kernel/errors.ts'
import { isPlainObject, parseStrictJson } from '../../kernel/strict-json.ts'
import type { BearerClaims } from '../../tokens/claims.ts'
import { basicCredentials, clientRefusal, type Fetch, guardFetch } from '../http-client/index.ts'

export type Introspection = Readonly<{ active: boolean }>
/** Asks whoever knows whether a token is live. A rejection makes the guard answer 503. */
export type Introspect = (token: string, claims: BearerClaims) => Promise<Introspection>

export type RemoteIntrospectionOptions = Readonly<{
  /** The gateway's `/introspect`. */
  url: URL
  /** Read at each question, as `secret` is. */
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
export const remoteIntrospection = (
  options: RemoteIntrospectionOptions,
): ((token: string, claims?: BearerClaims) => Promise<Introspection>) => {
  const { url, clock, timeoutMs = 1_000, fetch = globalThis.fetch } = options
  return async (token) => {
    const { clientId, secret } = options
    const headers = {
      accept: 'application/json',
      authorization: `Basic ${basicCredentials(clientId, secret)}`,
      'content-type': 'application/x-www-form-urlencoded',
    }
    const body = new URLSearchParams({ token, token_type_hint: 'access_token' }).toString()
    const init = { method: 'POST', headers, body }
    const answer = await guardFetch({ fetch, clock, url, init, timeoutMs, bytesMax })
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
