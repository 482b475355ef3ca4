import type { Clock } from '../../../kernel/clock.ts'
import type { EventLog } from '../../../ports/event-log.ts'

/** Longer than a leader that was just elected takes to learn how far the log was acknowledged. */
const sureAfterMs = 3_000
const askAgainMs = 500

/**
 * Whether a partition ends below an offset, asked of its leader over three seconds, and believed
 * only when every answer says so. What comes with a Fetch is no answer to that: a new leader's
 * high watermark lags behind what it holds and what its predecessor acknowledged. To the question
 * where the log ends it gives no number until it knows, so its silence is a failure here.
 * kafkajs sends no leader epochs with its requests; the broker's own check stands in for them.
 */
export const endsBelow =
  (clock: Clock, bounds: EventLog['bounds']): EventLog['endsBelow'] =>
  async (partition, offset) => {
    const sinceMs = clock.monotonicMs()
    for (;;) {
      const { end } = await bounds(partition)
      if (end >= offset) return false
      if (clock.monotonicMs() - sinceMs >= sureAfterMs) return true
      await clock.sleep(askAgainMs)
    }
  }
