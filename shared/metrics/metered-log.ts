import type { Clock } from '../kernel/clock.ts'
import { isAuthError } from '../kernel/errors.ts'
import type { EventLog } from '../ports/event-log.ts'
import type { Meter } from './meter.ts'

/** Counts what is published, and how long the log took to acknowledge it. */
export const meteredLog = (log: EventLog, meter: Meter, clock: Clock): EventLog => ({
  publish: async (records) => {
    const startedMs = clock.monotonicMs()
    try {
      const offsets = await log.publish(records)
      meter.observe('curfew_publish_seconds', {}, (clock.monotonicMs() - startedMs) / 1000)
      const parked = records.filter(({ topic }) => topic === 'auth.deadletters').length
      if (parked > 0) meter.count('curfew_dead_letters_total', {}, parked)
      return offsets
    } catch (error) {
      meter.count('curfew_publish_failures_total', {})
      const code = isAuthError(error) ? error.code : 'INTERNAL'
      meter.count('curfew_publish_refusals_total', { code })
      throw error
    }
  },
  partitions: (topic) => log.partitions(topic),
  bounds: (partition) => log.bounds(partition),
  endsBelow: (...given) => log.endsBelow(...given),
  recordAt: (...given) => log.recordAt(...given),
  follow: (options) => log.follow(options),
  healthy: () => log.healthy(),
  mistakes: () => log.mistakes(),
  denials: () => log.denials(),
  close: () => log.close(),
})
