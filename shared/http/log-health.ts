import { errorCode } from '../kernel/error-code.ts'
import { isAuthError } from '../kernel/errors.ts'
import type { EventLog } from '../ports/event-log.ts'
import { degraded, ok, type PartHealth } from './health.ts'

/** As bad as `away` when the log does not answer or refuses; else what is wrong with its topics. */
export const logHealth = (
  log: Pick<EventLog, 'healthy' | 'mistakes' | 'denials'>,
  away: PartHealth,
): PartHealth => {
  const denials = log.denials()
  if (denials.length > 0) return { ...away, state: denials.join('; ') }
  if (!log.healthy()) return away
  const mistakes = log.mistakes()
  if (mistakes.length === 0) return ok()
  const named = mistakes.map(({ topic, setting, value }) => `${topic} ${setting}=${value}`)
  const effect = mistakes.some(({ stops }) => stops) ? ': revocations are pending' : ''
  return degraded(`wrong settings of ${named.join(', ')}${effect}`)
}

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
