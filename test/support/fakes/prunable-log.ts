import { openMemoryEventLog } from '../../../shared/adapters/memory/event-log.ts'
import type { EventLog, Partition } from '../../../shared/ports/event-log.ts'

/** A log in memory whose beginning an administrator may delete. */
export const prunableLog = (): Readonly<{ log: EventLog; prune: (start: number) => void }> => {
  const kept = openMemoryEventLog()
  let start = 0
  const startOf = ({ topic }: Partition): number => (topic === 'auth.revocations' ? start : 0)
  const log: EventLog = {
    ...kept,
    bounds: async (partition) => {
      const { end } = await kept.bounds(partition)
      return { start: Math.min(startOf(partition), end), end }
    },
    recordAt: async (partition, offset) =>
      offset < startOf(partition) ? null : kept.recordAt(partition, offset),
    follow: (options) =>
      kept.follow({
        ...options,
        resumeAt: async (partition) =>
          Math.max(startOf(partition), await options.resumeAt(partition)),
      }),
  }
  return {
    log,
    prune: (to) => {
      start = Math.max(start, to)
    },
  }
}
