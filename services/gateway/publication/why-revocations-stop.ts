import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'

/**
 * Why no revocation and no closed time may be published although the log answers: a setting of the
 * topic would lose them. `null` if they may. Other records are published either way.
 */
export const whyRevocationsStop = (log: Pick<EventLog, 'mistakes'>): AuthError | null => {
  const stopping = log.mistakes().filter(({ stops }) => stops)
  if (stopping.length === 0) return null
  const named = stopping.map(({ topic, setting, value }) => `${topic} ${setting}=${value}`)
  return new AuthError('LOG_TOPIC_WRONG', `revocations wait for the topic: ${named.join(', ')}`)
}
