import type { RawRecord } from '../../events/log-record.ts'
import type { EpochMs } from '../../kernel/ids.ts'
import type { Arrivals, Arrived, AuditIndex, TermsOf } from '../../ports/audit-index.ts'
import { bucketOf, placesIn, prefixOf } from './chunk-key.ts'
import type { ChunkTables } from './chunk-tables.ts'
import { chunksOfBatch } from './chunks-of-batch.ts'
import { lookAhead } from './join-chunks.ts'
import { pageOfEvents } from './page-of-events.ts'
import { everyEvent, termHash } from './term-hash.ts'

const chunksPerDrop = 16

const arrivals = async (tables: ChunkTables, after: Arrived, limit: number): Promise<Arrivals> => {
  const records: RawRecord[] = []
  const arrived = new Map(after)
  let more = false
  for (const { lane, next } of await tables.lanes()) {
    const from = after.get(lane) ?? 0
    const room = limit - records.length
    if (next <= from) continue
    const read = room > 0 ? await tables.recordsFrom(lane, from, next, room) : []
    const isRead = room > 0 && read.length < room
    more ||= !isRead
    records.push(...read)
    arrived.set(lane, isRead ? next : (read.at(-1)?.offset ?? from - 1) + 1)
  }
  return { records, arrived, more }
}

const drop = async (
  tables: ChunkTables,
  before: EpochMs,
  limit: number,
  termsOf: TermsOf,
): Promise<number> => {
  const range = { low: 0, high: bucketOf(before) - 1, order: 'oldest' } as const
  if (range.high < 0) return 0
  const every = termHash(everyEvent)
  const { buckets } = await lookAhead(tables, every, range, chunksPerDrop)
  let dropped = 0
  for (const [bucket, chunks] of buckets) {
    if (dropped >= limit) break
    const places = chunks.flatMap(placesIn)
    const records = await tables.records(places)
    const terms = new Set(records.flatMap((record) => (record ? [...termsOf(record)] : [])))
    // In this order a crash in between leaves nothing that no later run would find.
    await tables.remove(
      [...terms].map((term) => prefixOf(termHash(term), bucket)),
      [],
    )
    await tables.remove([], places)
    await tables.remove([prefixOf(every, bucket)], [])
    dropped += places.length
  }
  return dropped
}

/**
 * An audit index of chunks: for each term, batch and bucket of about a second, one row that lists
 * places. An event is not stored under each of its terms; ten events of one person in one second
 * cost as much as one.
 */
export const chunkedAuditIndex = (tables: ChunkTables): AuditIndex => ({
  lanes: () => tables.lanes(),
  openLane: (partition, terms) => tables.openLane(partition, terms),
  add: (batch) => tables.write(batch, chunksOfBatch(batch)),
  page: (query) => pageOfEvents(tables, query),
  arrivals: (after, limit) => arrivals(tables, after, limit),
  drop: (before, limit, termsOf) => drop(tables, before, limit, termsOf),
  close: () => tables.close(),
})
