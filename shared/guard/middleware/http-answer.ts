import { type TokenInRequest, tokenInRequest } from '../../tokens/requests/index.ts'
import type { Verdict } from '../api/verdict.ts'

/** What a request shows, before anybody judged it. */
export type Credentials = TokenInRequest

/**
 * The reading of every adapter. A header with one of `headerTypes`, compared exactly, decides and
 * has one value; another scheme is somebody else's, and the cookie speaks. `authorization` is one
 * line, or each of several that came. Only one cookie name is looked at: `__Host-access` or
 * `access`, never both.
 */
export const credentialsOf = (
  {
    authorization,
    cookie,
  }: Readonly<{ authorization: string | readonly string[]; cookie: string }>,
  cookieName: string,
  headerTypes: readonly string[] = ['Bearer'],
): Credentials =>
  tokenInRequest(
    { header: typeof authorization === 'string' ? [authorization] : authorization, cookie },
    { types: headerTypes, cookie: cookieName },
  )

export type HttpAnswer = Readonly<{
  status: 400 | 401 | 503
  headers: Readonly<Record<string, string>>
  body: Readonly<Record<string, unknown>>
}>

const retryAfterSeconds = 1
const messageOf = {
  invalid: 'Token is invalid',
  expired: 'Token is expired',
  wrong_type: 'Token has wrong type',
  revoked: 'Token is blacklisted',
} as const

/** The parts of a `WWW-Authenticate` header. */
export type Challenge = Readonly<{ realm: string; scheme?: string }>

const challenge = (
  { realm, scheme = 'Bearer' }: Challenge,
  body: HttpAnswer['body'],
): HttpAnswer => ({
  status: 401,
  headers: { 'WWW-Authenticate': `${scheme} realm="${realm}"`, 'Cache-Control': 'no-store' },
  body,
})

/** The answer to a request whose credentials are not even a token. */
export const answerToCredentials = (
  { kind }: Exclude<Credentials, { kind: 'token' }>,
  shown: Challenge,
): HttpAnswer => {
  switch (kind) {
    case 'none':
      return challenge(shown, { detail: 'Authentication credentials were not provided.' })
    case 'bad_header':
      return challenge(shown, {
        detail: 'Authorization header must contain two space-delimited values',
        code: 'bad_authorization_header',
      })
    case 'cookie_duplicated':
      return {
        status: 400,
        headers: { 'Cache-Control': 'no-store' },
        body: { detail: 'The access cookie came twice', code: 'cookie_duplicated' },
      }
  }
}

/** The answer to a token that was not accepted; byte for byte Simple-JWT's for a 401. */
export const answerToVerdict = (
  verdict: Exclude<Verdict, { outcome: 'accepted' }>,
  shown: Challenge,
): HttpAnswer => {
  switch (verdict.outcome) {
    case 'misasked':
      return {
        status: 400,
        headers: { 'Cache-Control': 'no-store' },
        body: { detail: 'The position asked for is none', code: 'input_invalid' },
      }
    case 'unavailable':
      return {
        status: 503,
        headers: { 'Retry-After': String(retryAfterSeconds), 'Cache-Control': 'no-store' },
        body: { detail: 'Whether the token is revoked cannot be told now', code: 'guard_stale' },
      }
    case 'refused': {
      const message = messageOf[verdict.reason]
      return challenge(shown, {
        detail: 'Given token not valid for any token type',
        code: 'token_not_valid',
        messages: [{ token_class: 'AccessToken', token_type: 'access', message }],
      })
    }
  }
}
