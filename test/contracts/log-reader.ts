import type { LogRecord, RawRecord, Topic } from '../../shared/events/log-record.ts'
import type { EventLog, Following, FollowOptions, LogBatch } from '../../shared/ports/event-log.ts'
import { aRevocationRecord, aRing } from '../support/fakes/builders.ts'
import { until } from '../support/until.ts'

export const revocations = { topic: 'auth.revocations', partition: 0 } as const
export const ring = aRing()
export const some = (count: number): LogRecord[] =>
  Array.from({ length: count }, () => aRevocationRecord(ring))
export const idOf = ({ headers }: Pick<LogRecord, 'headers'>): string => headers['ce_id'] ?? ''
export const idsOf = (records: readonly Pick<LogRecord, 'headers'>[]): string[] => records.map(idOf)

export type Reader = Readonly<{
  records: RawRecord[]
  batches: LogBatch[]
  following: Following
  holds: (ids: readonly string[]) => boolean
}>

/** Follows and keeps what comes, until it is stopped. */
export const read = async (
  log: EventLog,
  topics: readonly Topic[],
  over: Partial<FollowOptions> = {},
): Promise<Reader> => {
  const records: RawRecord[] = []
  const batches: LogBatch[] = []
  const following = await log.follow({
    topics,
    group: null,
    resumeAt: async () => 0,
    onBatch: async (batch) => {
      batches.push(batch)
      records.push(...batch.records)
    },
    ...over,
  })
  const holds = (ids: readonly string[]): boolean => {
    const seen = new Set(idsOf(records))
    return ids.every((id) => seen.has(id))
  }
  return { records, batches, following, holds }
}

export const arrives = ({ holds }: Reader, records: readonly LogRecord[]): Promise<void> =>
  until('the records arrive', () => holds(idsOf(records)))
