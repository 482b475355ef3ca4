import { AuthError, type AuthErrorCode, isAuthError } from '../../../shared/kernel/errors.ts'
import { redactText } from '../../../shared/kernel/logger.ts'

type SystemError = Error & Readonly<{ code: string; path?: string; dest?: string }>

/** What room, or waiting, may mend. */
const passing = new Set('EAGAIN EBUSY EDQUOT EINTR EIO EMFILE ENFILE ENOSPC'.split(' '))

const codeOf = (code: string): AuthErrorCode =>
  passing.has(code) ? 'STORE_UNAVAILABLE' : 'INPUT_INVALID'

/** Whether an error is about a file; an error of a network has a host or a port. */
const isSystemError = (error: unknown): error is SystemError =>
  error instanceof Error &&
  'syscall' in error &&
  'code' in error &&
  typeof error.code === 'string' &&
  !['address', 'hostname', 'port'].some((name) => name in error)

/** A path that somebody typed is their mistake, whichever command met it first. */
const inWords = (error: SystemError): AuthError => {
  const [, reason = error.message] = /^[A-Z0-9]+: ([^,]+)/.exec(error.message) ?? []
  const place = error.path ?? error.dest
  const text = `${place === undefined ? '' : `${place}: `}${reason} (${error.code})`
  return new AuthError(codeOf(error.code), text, { cause: error })
}

/**
 * How a command that failed says so: with a code and in words. A stack is for mistakes of ours.
 * `status` is EX_TEMPFAIL of sysexits.h where a script may try the same again.
 */
export const failureMessage = (error: unknown): Readonly<{ text: string; status: 1 | 75 }> => {
  const known = isSystemError(error) ? inWords(error) : error
  const text = isAuthError(known)
    ? `${known.code}: ${redactText(known.message)}`
    : redactText(known instanceof Error ? (known.stack ?? known.message) : String(known))
  const mayPass = isAuthError(known) && known.retriable
  return { text: text.replaceAll('\\u000a', '\n'), status: mayPass ? 75 : 1 }
}
