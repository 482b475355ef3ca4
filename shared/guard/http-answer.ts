import { readCookies } from '../tokens/cookie.ts'
import type { Verdict } from './verdict.ts'

/** What a request shows, before anybody judged it. */
export type Credentials =
  | Readonly<{ kind: 'token'; token: string }>
  | Readonly<{ kind: 'none' }>
  | Readonly<{ kind: 'bad_header' }>
  | Readonly<{ kind: 'cookie_duplicated' }>

/**
 * Reads a request as Simple-JWT does: the header wins over the cookie, its scheme is compared
 * exactly, another scheme counts as nothing. Only one cookie name is looked at: `__Host-access` or
 * `access`, never both.
 */
export const credentialsOf = (
  { authorization, cookie }: Readonly<{ authorization: string; cookie: string }>,
  cookieName: string,
  headerTypes: readonly string[] = ['Bearer'],
): Credentials => {
  const [scheme, token, ...rest] = authorization.split(/[ \t]+/).filter((part) => part !== '')
  if (scheme !== undefined) {
    if (!headerTypes.includes(scheme)) return { kind: 'none' }
    return token === undefined || rest.length > 0
      ? { kind: 'bad_header' }
      : { kind: 'token', token }
  }
  const reading = readCookies(cookie, [cookieName]).get(cookieName)
  if (reading?.kind === 'duplicated') return { kind: 'cookie_duplicated' }
  // An empty cookie is one that was deleted badly: no credentials, as in Django.
  if (reading?.kind !== 'value' || reading.value === '') return { kind: 'none' }
  return { kind: 'token', token: reading.value }
}

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

/** Of `WWW-Authenticate`. */
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
