import { errorCode } from '../kernel/error-code.ts'
import { isAuthError } from '../kernel/errors.ts'

type Told = Readonly<{ name?: unknown; type?: unknown; cause?: unknown; message?: unknown }>

const depthMax = 8

const reasonOf = (error: unknown): string | null => {
  const { name, type } = error as Told
  const words = `${String(name)} ${String(type)}`
  if (/SASL/.test(words)) {
    return 'refuses our credentials: mend CURFEW_KAFKA_USERNAME and CURFEW_KAFKA_PASSWORD'
  }
  if (/AUTHORIZATION_FAILED/.test(words)) {
    return `denies us what we need (${String(type)}): see the rights in docs/operations.md`
  }
  switch (errorCode(error)) {
    case 'ECONNREFUSED':
      return 'is down: the connection is refused'
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'is not found: DNS does not know CURFEW_KAFKA_BROKERS'
    default:
      return null
  }
}

/** Why the log fails, for the page that anybody can read: no addresses, no names of users. */
export const logFailureText = (error: Error | null): string => {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < depthMax; depth += 1) {
    // Wrong topics, denials and the like say it themselves, with the fix.
    if (isAuthError(at) && at.code !== 'LOG_UNAVAILABLE') return at.message
    const reason = reasonOf(at)
    if (reason !== null) return reason
    at = at.cause
  }
  return 'does not answer'
}
