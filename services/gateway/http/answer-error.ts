import type { Context } from 'koa'
import { type AuthError, type AuthErrorCode, isAuthError } from '../../../shared/kernel/errors.ts'
import type { BearerKind } from '../../../shared/tokens/claims.ts'
import type { TokenProblem } from '../../../shared/tokens/verification/index.ts'

/** The HTTP status of each code; the only place that maps them. */
const statusOf: Readonly<Partial<Record<AuthErrorCode, number>>> = {
  INPUT_INVALID: 400,
  BODY_INVALID: 400,
  BODY_ABORTED: 400,
  BODY_TOO_LARGE: 413,
  MEDIA_TYPE_UNSUPPORTED: 415,
  METHOD_NOT_ALLOWED: 405,
  NOT_FOUND: 404,
  NOT_ACCEPTABLE: 406,
  HISTORY_UNSUPPORTED: 501,
  KEYS_READ_ONLY: 501,
  KEY_NOT_SHOWN_YET: 400,
  CONSOLE_UNBUILT: 501,
  COOKIE_DUPLICATED: 400,
  ORIGIN_REFUSED: 403,
  CREDENTIALS_INVALID: 401,
  ACCOUNT_INACTIVE: 401,
  USER_INACTIVE: 401,
  USER_NOT_FOUND: 401,
  PASSWORD_CHANGED: 401,
  NOT_AUTHENTICATED: 401,
  HOST_INVALID: 400,
  HEADER_INVALID: 401,
  CLIENT_INVALID: 401,
  STEP_UP_REQUIRED: 401,
  FORBIDDEN: 403,
  USER_UNKNOWN: 404,
  CLIENT_UNKNOWN: 404,
  TOKEN_UNKNOWN: 404,
  USER_EXISTS: 409,
  ADMINISTRATOR_LAST: 409,
  RECEIVER_EXISTS: 409,
  LEGAL_HOLD: 409,
  HOLDS_FULL: 409,
  DEAD_LETTER_SETTLED: 409,
  DEAD_LETTER_UNUSABLE: 409,
  DEAD_LETTERS_FULL: 409,
  GUARDS_FULL: 429,
  RECEIVERS_FULL: 409,
  SUBJECTS_FULL: 409,
  TOKEN_INVALID: 401,
  TOKEN_EXPIRED: 401,
  TOKEN_WRONG_TYPE: 401,
  TOKEN_NOT_RENEWABLE: 401,
  TOKEN_REVOKED: 401,
  TOKEN_REUSED: 401,
  TOKEN_SUPERSEDED: 409,
  RATE_LIMITED: 429,
  OVERLOADED: 503,
  STORE_UNAVAILABLE: 503,
  STORE_DENIED: 503,
  STORE_MISCONFIGURED: 503,
  STORE_FULL: 503,
  STORE_REFUSED: 503,
  STORE_CONTENDED: 503,
  DIRECTORY_UNAVAILABLE: 503,
  CLAIMS_UNAVAILABLE: 503,
  AUDIT_UNFILLED: 503,
  // No 503: the same claims will not fit the next time either.
  CLAIMS_TOO_LARGE: 500,
  LOG_UNAVAILABLE: 503,
  LOG_DENIED: 503,
  TRAIL_INVALID: 503,
  TRAIL_UNAVAILABLE: 503,
}

/** Codes that Simple-JWT's clients know; every other code is Curfew's own, in lower case. */
const codeOf: Readonly<Partial<Record<AuthErrorCode, string | null>>> = {
  TOKEN_INVALID: 'token_not_valid',
  TOKEN_EXPIRED: 'token_not_valid',
  TOKEN_WRONG_TYPE: 'token_not_valid',
  TOKEN_NOT_RENEWABLE: 'token_not_valid',
  TOKEN_REVOKED: 'token_not_valid',
  TOKEN_REUSED: 'token_not_valid',
  TOKEN_SUPERSEDED: 'superseded',
  HEADER_INVALID: 'bad_authorization_header',
  RATE_LIMITED: 'throttled',
  // The reason why the store fails is in the log, for the operator.
  STORE_DENIED: 'store_unavailable',
  STORE_MISCONFIGURED: 'store_unavailable',
  STORE_FULL: 'store_unavailable',
  STORE_REFUSED: 'store_unavailable',
  // Answered by Simple-JWT with `detail` alone.
  CREDENTIALS_INVALID: null,
  ACCOUNT_INACTIVE: null,
  NOT_AUTHENTICATED: null,
  BODY_INVALID: null,
  METHOD_NOT_ALLOWED: null,
  MEDIA_TYPE_UNSUPPORTED: null,
}

const storeFails =
  'The event store does not answer. Nothing was changed or the change is unknown; try again.'
const detailOf: Readonly<Partial<Record<AuthErrorCode, string>>> = {
  TOKEN_INVALID: 'Token is invalid',
  TOKEN_EXPIRED: 'Token is expired',
  TOKEN_WRONG_TYPE: 'Token has wrong type',
  TOKEN_NOT_RENEWABLE: "Token 'refresh_exp' claim has expired",
  TOKEN_REVOKED: 'Token is blacklisted',
  TOKEN_REUSED: 'Token is blacklisted',
  TOKEN_SUPERSEDED: 'Token is superseded',
  CREDENTIALS_INVALID: 'No active account found with the given credentials',
  ACCOUNT_INACTIVE: 'No active account found for the given token.',
  USER_INACTIVE: 'User is inactive',
  USER_NOT_FOUND: 'User not found',
  PASSWORD_CHANGED: "The user's password has been changed.",
  NOT_AUTHENTICATED: 'Authentication credentials were not provided.',
  HEADER_INVALID: 'Authorization header must contain two space-delimited values',
  KEYS_READ_ONLY:
    'The keys that sign for receivers (set.json) are missing, and cannot be made here.',
  DIRECTORY_UNAVAILABLE: 'The user directory does not answer; try again.',
  CLAIMS_UNAVAILABLE:
    'The claims hook (CURFEW_CLAIMS_HOOK) failed: the claims of the token are not available; ' +
    'try again.',
  CLAIMS_TOO_LARGE:
    'The claims of this user do not fit into a token: those of the claims hook ' +
    '(CURFEW_CLAIMS_HOOK), the roles and CURFEW_AUDIENCE together.',
  LOG_DENIED: 'The event log refuses this gateway a right; its log says which.',
  STORE_UNAVAILABLE: storeFails,
  STORE_DENIED: storeFails,
  STORE_MISCONFIGURED: storeFails,
  STORE_FULL: storeFails,
  STORE_REFUSED: storeFails,
}

/** The status of `code`; `null` if no route answers it on purpose (it would be 500). */
export const statusOfCode = (code: AuthErrorCode): number | null => statusOf[code] ?? null

/** The `detail` for the caller; a message that is meant for the operator is not sent. */
export const publicDetailOf = ({ code, message }: AuthError): string => detailOf[code] ?? message

/** The `code` of the body; `null` if the body has `detail` alone. */
export const publicCodeOf = (code: AuthErrorCode): string | null =>
  codeOf[code] === undefined ? code.toLowerCase() : codeOf[code]

/** A refusal whose body has another shape than `{detail, code}`, such as field errors. */
export class Refusal extends Error {
  readonly status: number
  readonly body: object
  constructor(status: number, body: object) {
    super('refused')
    this.status = status
    this.body = body
  }
}

const classOf = { access: 'AccessToken', sliding: 'SlidingToken' } as const

/**
 * 401 "Given token not valid for any token type", for a token in Authorization: Simple-JWT tries
 * each kind of token and lists a message for each. `kind` is that of the token, if it is known.
 */
export const headerRefusal = (
  code: AuthErrorCode,
  accept: readonly BearerKind[],
  kind?: BearerKind,
): Refusal =>
  new Refusal(401, {
    detail: 'Given token not valid for any token type',
    code: 'token_not_valid',
    messages: accept.map((accepted) => ({
      token_class: classOf[accepted],
      token_type: accepted,
      message:
        detailOf[kind === undefined || kind === accepted ? code : 'TOKEN_WRONG_TYPE'] ??
        'Token is invalid',
    })),
  })

const messageOf = (ctx: Context, { code, message }: AuthError): string =>
  code === 'METHOD_NOT_ALLOWED' ? `Method "${ctx.method}" not allowed.` : message

/** What a caller is told of a failure where the status is sent already. */
export const bodyOfThrown = (thrown: unknown): object => {
  if (thrown instanceof Refusal) return thrown.body
  if (!isAuthError(thrown) || statusOf[thrown.code] === undefined) {
    return { detail: 'Internal error', code: 'internal' }
  }
  const code = publicCodeOf(thrown.code)
  return { detail: publicDetailOf(thrown), ...(code !== null && { code }) }
}

const stepUpChallenge = 'Bearer error="insufficient_user_authentication", max_age="300"'

/** Sets the answer to a failure, with the headers that its status needs. */
export const answerError = (ctx: Context, error: AuthError): void => {
  const { code } = error
  const status = statusOf[code] ?? 500
  const isDefect = statusOf[code] === undefined
  const publicCode = publicCodeOf(code)
  ctx.status = status
  if (status === 400 && error.field !== undefined) {
    ctx.body = { [error.field]: [error.message] }
    return
  }
  if (status === 429 || status === 503) {
    ctx.set('Retry-After', String(Math.max(1, Math.ceil((error.retryAfterMs ?? 1_000) / 1000))))
  }
  // RFC 9470, 3.
  if (code === 'STEP_UP_REQUIRED') ctx.set('WWW-Authenticate', stepUpChallenge)
  const detail = isDefect ? 'Internal error' : (detailOf[code] ?? messageOf(ctx, error))
  ctx.body = { detail, ...(publicCode === null ? {} : { code: publicCode }) }
}

/** The code for each problem of a token. */
export const codeOfProblem = {
  malformed: 'TOKEN_INVALID',
  unknown_key: 'TOKEN_INVALID',
  expired: 'TOKEN_EXPIRED',
  wrong_type: 'TOKEN_WRONG_TYPE',
} as const satisfies Record<TokenProblem, AuthErrorCode>
