import type { EventLog } from '../ports/event-log.ts'
import { degraded, ok, type PartHealth } from './part-health.ts'

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
