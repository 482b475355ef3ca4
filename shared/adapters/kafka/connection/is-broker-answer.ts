import { type AuthErrorCode, isAuthError } from '../../../kernel/errors.ts'

const answers: ReadonlySet<AuthErrorCode> = new Set([
  'LOG_RECORD_TOO_LARGE',
  'LOG_REPLICAS_MISSING',
  'LOG_DENIED',
])

/** The broker answered, so the connection is good. */
export const isBrokerAnswer = (error: unknown): boolean =>
  isAuthError(error) && answers.has(error.code)
