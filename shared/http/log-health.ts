import type { EventLog } from '../ports/event-log.ts'
import { degraded, ok, type PartHealth } from './health.ts'

/** `away` when the log does not answer; else what is wrong with its topics. */
export const logHealth = (
  log: Pick<EventLog, 'healthy' | 'mistakes'>,
  away: PartHealth,
): PartHealth => {
  if (!log.healthy()) return away
  const mistakes = log.mistakes()
  if (mistakes.length === 0) return ok()
  const named = mistakes.map(({ topic, setting, value }) => `${topic} ${setting}=${value}`)
  const effect = mistakes.some(({ stops }) => stops) ? ': revocations are pending' : ''
  return degraded(`wrong settings of ${named.join(', ')}${effect}`)
}
