import type { RawRecord, Topic } from '../../../shared/events/log-record.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import { until } from '../until.ts'

/** All that lies in the log now, in the order of each partition. */
export const everyRecord = async (
  log: EventLog,
  topics: readonly Topic[] = ['auth.revocations', 'auth.events'],
): Promise<readonly RawRecord[]> => {
  const records: RawRecord[] = []
  for (const topic of topics) {
    const count = await log.partitions(topic)
    const missing = new Map<number, number>()
    for (let partition = 0; partition < count; partition += 1) {
      const { start, end } = await log.bounds({ topic, partition })
      if (end > start) missing.set(partition, end)
    }
    const following = await log.follow({
      topics: [topic],
      group: null,
      resumeAt: async () => 0,
      onBatch: async (batch) => {
        records.push(...batch.records)
        const last = batch.records.at(-1)?.offset ?? -1
        if (last + 1 >= (missing.get(batch.partition) ?? 0)) missing.delete(batch.partition)
      },
    })
    await until(`${topic} is read`, () => missing.size === 0)
    await following.stop()
  }
  return records
}
