import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'

/**
 * Why the log takes no revocation and no closed time, although it answers; `null` = it does. Other
 * records go on.
 */
export const whyStopped = (log: Pick<EventLog, 'mistakes'>): AuthError | null => {
  const stopping = log.mistakes().filter(({ stops }) => stops)
  if (stopping.length === 0) return null
  const named = stopping.map(({ topic, setting, value }) => `${topic} ${setting}=${value}`)
  return new AuthError('LOG_TOPIC_WRONG', `revocations wait for the topic: ${named.join(', ')}`)
}
