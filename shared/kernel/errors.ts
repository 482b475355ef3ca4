import type { LogFields } from './logger.ts'
import { servedErrors } from './served-errors.ts'
import { trailErrors } from './trail-errors.ts'

/**
 * Every code that Curfew answers, logs or stops with. Codes are public: added, never renamed.
 * `docs/reference/errors.md` is generated from this table.
 */
export const errorCatalogue = {
  INPUT_INVALID: { retriable: false, meaning: 'A value has the wrong form; the message names it.' },
  BODY_INVALID: { retriable: false, meaning: 'The request body is not what the route takes.' },
  BODY_ABORTED: { retriable: true, meaning: 'The request ended before its body was whole.' },
  BODY_TOO_LARGE: { retriable: false, meaning: 'The request body exceeds the limit.' },
  MEDIA_TYPE_UNSUPPORTED: { retriable: false, meaning: 'The route takes another content type.' },
  METHOD_NOT_ALLOWED: { retriable: false, meaning: 'The route does not take this method.' },
  NOT_ACCEPTABLE: { retriable: false, meaning: 'The route has no answer of the type accepted.' },
  NOT_FOUND: { retriable: false, meaning: 'There is nothing at this address.' },
  COOKIE_DUPLICATED: {
    retriable: false,
    meaning: 'A protected cookie came twice: somebody tossed one.',
  },
  ORIGIN_REFUSED: { retriable: false, meaning: 'A cookie-bearing write came from a foreign page.' },
  CREDENTIALS_INVALID: {
    retriable: false,
    meaning: 'No active account has this name and password.',
  },
  ACCOUNT_INACTIVE: {
    retriable: false,
    meaning: 'The user of a refresh token is inactive or gone; the session was not touched.',
  },
  USER_INACTIVE: { retriable: false, meaning: 'The caller is inactive in the directory.' },
  USER_NOT_FOUND: { retriable: false, meaning: 'The directory does not know the caller.' },
  PASSWORD_CHANGED: {
    retriable: false,
    meaning: 'The token is older than a password change, or has no mark of the password.',
  },
  NOT_AUTHENTICATED: { retriable: false, meaning: 'The request carries no credentials.' },
  HOST_INVALID: {
    retriable: false,
    meaning: 'The request names no host, several, or one that is none (RFC 9112, 3.2).',
  },
  HEADER_INVALID: { retriable: false, meaning: 'The Authorization header has the wrong form.' },
  CLIENT_INVALID: {
    retriable: false,
    meaning: 'The service client is unknown or its secret is wrong.',
  },
  FORBIDDEN: { retriable: false, meaning: 'The caller is known and may not do this.' },
  TOKEN_INVALID: {
    retriable: false,
    meaning: 'The token is malformed, foreign, forged or unknown.',
  },
  TOKEN_EXPIRED: { retriable: false, meaning: 'The token is past its `exp`.' },
  TOKEN_WRONG_TYPE: { retriable: false, meaning: 'A token of another kind was presented.' },
  TOKEN_NOT_RENEWABLE: {
    retriable: false,
    meaning: 'The sliding token is past its `refresh_exp`.',
  },
  TOKEN_REVOKED: {
    retriable: false,
    meaning: 'The token, its session or all sessions of its subject ended.',
  },
  TOKEN_REUSED: {
    retriable: false,
    meaning: 'A refresh token came again after its grace; its session ended.',
  },
  TOKEN_SUPERSEDED: {
    retriable: false,
    meaning: 'Within the grace, but the successor was used already; nothing ended.',
  },
  RATE_LIMITED: {
    retriable: true,
    meaning: 'Too many attempts; Retry-After says when to try again.',
  },
  OVERLOADED: { retriable: true, meaning: 'The queue for this work is full; try again.' },
  STORE_UNAVAILABLE: {
    retriable: true,
    meaning: 'The event store did not answer; nothing was acknowledged.',
  },
  STORE_DENIED: {
    retriable: false,
    meaning: 'The event store refuses our login, or what our user may not do; the log has the fix.',
  },
  STORE_MISCONFIGURED: {
    retriable: false,
    meaning: 'The event store cannot be used as it is set up; the log has the fix.',
  },
  STORE_FULL: { retriable: false, meaning: 'The event store has no room left.' },
  STORE_REFUSED: {
    retriable: false,
    meaning: 'The event store refuses a document: its size, or a validator that somebody added.',
  },
  DIRECTORY_UNAVAILABLE: {
    retriable: true,
    meaning: 'The team’s own directory did not answer as documented; nothing was decided.',
  },
  CLAIMS_UNAVAILABLE: {
    retriable: true,
    meaning: 'The claims hook failed, was late, or answered what is no claim.',
  },
  CLAIMS_TOO_LARGE: {
    retriable: false,
    meaning:
      'The claims of a hook, the roles and the audience do not fit into a token; nothing changed.',
  },
  STORE_CONTENDED: { retriable: true, meaning: 'Other writers won every try before the deadline.' },
  LOG_UNAVAILABLE: {
    retriable: true,
    meaning: 'The event log did not acknowledge; the relay publishes later.',
  },
  IMAGE_REFUSED: { retriable: true, meaning: 'An image of what is in force was another one.' },
  LOG_RECORD_TOO_LARGE: {
    retriable: false,
    meaning: 'The log refuses a record for its size; the message names the setting to raise.',
  },
  LOG_THROTTLED: {
    retriable: true,
    meaning: 'A quota of the broker holds publishing back; the relay publishes later.',
  },
  LOG_REPLICAS_MISSING: {
    retriable: true,
    meaning: 'Fewer replicas are in sync than `min.insync.replicas`; the relay publishes later.',
  },
  LOG_RECORD_INVALID: {
    retriable: false,
    meaning: 'A record of the log does not decode or has a bad MAC.',
  },
  LOG_TOPIC_WRONG: {
    retriable: false,
    meaning: 'An existing topic has settings that lose revocations.',
  },
  FLEET_CONFLICT: {
    retriable: false,
    meaning: 'The topics or the database belong to another fleet; the message has the fix.',
  },
  LOG_DENIED: {
    retriable: true,
    meaning:
      'Kafka refuses this user a right; the message names it and the command that grants it.',
  },
  COMMIT_TOO_LARGE: { retriable: false, meaning: 'A commit would exceed 64 KiB.' },
  CONFIG_INVALID: {
    retriable: false,
    meaning: 'Settings are wrong; the message lists every mistake.',
  },
  KEYS_INVALID: {
    retriable: false,
    meaning: 'A key file is unreadable, open to others, or not this fleet’s.',
  },
  KEYS_READ_ONLY: {
    retriable: false,
    meaning: 'A key file is missing, or is to be changed, in a folder that cannot be written to.',
  },
  KEY_NOT_SHOWN_YET: { retriable: true, meaning: 'Not everybody knows the key that would sign.' },
  KEYS_LOCKED: {
    retriable: true,
    meaning: 'Another process is changing the key files; the message names it.',
  },
  DATA_EXPOSED: { retriable: false, meaning: 'The data folder, or a file of it, is open.' },
  STORE_ABSENT: { retriable: false, meaning: 'The data folder holds no store; none was made.' },
  DATA_INVALID: {
    retriable: false,
    meaning: 'Stored data is damaged or of a format this version does not know.',
  },
  WITNESS_UNAVAILABLE: {
    retriable: true,
    meaning: 'A witness of the trail does not answer, or not as it must.',
  },
  ...trailErrors,
  USER_EXISTS: { retriable: false, meaning: 'There is a user of this name.' },
  USER_UNKNOWN: { retriable: false, meaning: 'There is no user of this id or name.' },
  CLIENT_UNKNOWN: { retriable: false, meaning: 'No setting and no living session has it.' },
  TOKEN_UNKNOWN: { retriable: false, meaning: 'No gateway made a token of this id.' },
  ADMINISTRATOR_LAST: {
    retriable: false,
    meaning: 'Nobody else is an active administrator; the account stays one.',
  },
  RECEIVER_EXISTS: { retriable: false, meaning: 'There is a receiver of this id.' },
  GUARDS_FULL: {
    retriable: true,
    meaning: 'This client has 1,000 guards attached; one more is noted when one was silent.',
  },
  RECEIVERS_FULL: { retriable: false, meaning: 'No more than 64 receivers are kept.' },
  SUBJECTS_FULL: {
    retriable: false,
    meaning: 'A stream has no more than 256 subjects of its own.',
  },
  GUARD_STALE: {
    retriable: true,
    meaning: 'The guard cannot prove freshness, and its policy is to deny.',
  },
  ...servedErrors,
  INTERNAL: {
    retriable: false,
    meaning: 'A defect of Curfew; the log has the details under the request id.',
  },
} as const satisfies Record<string, { retriable: boolean; meaning: string }>

export type AuthErrorCode = keyof typeof errorCatalogue

export type ErrorDetail = Readonly<{
  cause?: unknown
  /** When the same call may succeed; read by `Retry-After`. */
  retryAfterMs?: number
  /** The field of the input at fault, as a path of names. */
  field?: string
  /** What the log is told beside it; ids and words, never what somebody typed. */
  about?: LogFields
}>

/**
 * The only error class that crosses a module border. Messages name fields and ids, never token
 * text.
 */
export class AuthError<Code extends AuthErrorCode = AuthErrorCode> extends Error {
  override readonly name = 'AuthError'
  readonly code: Code
  /** Whether the same call may succeed later; read by `retry()` and `Retry-After`. */
  readonly retriable: boolean
  readonly retryAfterMs: number | undefined
  readonly field: string | undefined
  readonly about: LogFields | undefined
  constructor(code: Code, message: string, detail: ErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause })
    this.code = code
    // The guard's package has those alone that pass.
    const listed: Readonly<{ retriable: boolean }> | undefined = errorCatalogue[code]
    this.retriable = listed?.retriable ?? false
    this.retryAfterMs = detail.retryAfterMs
    this.field = detail.field
    this.about = detail.about
  }
}

export const isAuthError = <Code extends AuthErrorCode>(
  error: unknown,
  code?: Code,
): error is AuthError<Code> =>
  error instanceof AuthError && (code === undefined || error.code === code)

const storeFailures: ReadonlySet<AuthErrorCode> = new Set([
  'STORE_UNAVAILABLE',
  'STORE_DENIED',
  'STORE_MISCONFIGURED',
  'STORE_FULL',
  'STORE_REFUSED',
])
/** Whether the store failed, for whatever reason: nothing was acknowledged, nothing is known. */
export const isStoreFailure = (error: unknown): error is AuthError =>
  error instanceof AuthError && storeFailures.has(error.code)
