import { Binary, type Collection, type Filter } from 'mongodb'
import { type RawRecord, textOf } from '../../../events/log-record.ts'
import type { EpochMs } from '../../../kernel/ids.ts'
import type { AuditIndex, AuditPlace, Lane } from '../../../ports/audit-index.ts'
import { type Chunk, keyBytes } from '../../audit-chunks/chunk-key.ts'
import type { ChunkTables, KeyRange } from '../../audit-chunks/chunk-tables.ts'
import { chunkedAuditIndex } from '../../audit-chunks/chunked-audit-index.ts'
import { newLane } from '../../audit-chunks/lane-progress.ts'
import type { MongoConnection } from '../connection/mongo-connection.ts'
import { isDuplicateKey } from '../connection/mongo-errors.ts'
import { BulkWrites } from '../documents/bulk-writes.ts'

type ChunkDocument = { _id: Binary; places: Binary }
/** A record, once; its id is where it lies. */
type RecordDocument = {
  _id: Binary
  key: string
  headers: Readonly<Record<string, string>>
  value: string
}
type LaneDocument = {
  _id: number
  partition: number
  next: number
  lastId: string | null
  /** Absent in those of older versions, as `through` is. */
  terms?: number
  through?: EpochMs | null
}

const bytesOf = ({ buffer }: Binary): Buffer => Buffer.from(buffer)
const chunkOf = ({ _id, places }: ChunkDocument): Chunk => ({
  key: bytesOf(_id),
  places: bytesOf(places),
})
const laneOf = ({ _id, terms = 1, through = null, ...rest }: LaneDocument): Lane => ({
  lane: _id,
  ...rest,
  ...{ terms, through },
})

/** MongoDB orders bytes by their length first: bounds are as long as keys. */
const bound = (prefix: Uint8Array, filledWith = 0): Binary => {
  const key = Buffer.alloc(keyBytes, filledWith)
  key.set(prefix)
  return new Binary(key)
}

const recordId = ({ lane, offset }: Omit<AuditPlace, 'at'>): Binary => {
  const id = Buffer.alloc(8)
  id.writeUInt16BE(lane)
  id.writeUIntBE(offset, 2, 6)
  return new Binary(id)
}

const recordDocument = (lane: number, { offset, key, headers, value }: RawRecord) => ({
  _id: recordId({ lane, offset }),
  key: textOf(key),
  headers,
  value: textOf(value),
})

const rawOf = ({ _id, key, headers, value }: RecordDocument, partition: number): RawRecord => ({
  topic: 'auth.events',
  partition,
  offset: bytesOf(_id).readUIntBE(2, 6),
  ...{ key, headers, value },
})

const underAny = (prefixes: readonly Uint8Array[]): Filter<ChunkDocument> => ({
  $or: prefixes.map((prefix) => ({ _id: { $gte: bound(prefix), $lte: bound(prefix, 0xff) } })),
})

const prefixesPerRequest = 128

/** One after another, so that one request stays within one call's time. */
const inParts = async <T, R>(
  all: readonly T[],
  each: (part: readonly T[]) => Promise<readonly R[]>,
): Promise<R[]> => {
  const found: R[] = []
  for (let at = 0; at < all.length; at += prefixesPerRequest) {
    found.push(...(await each(all.slice(at, at + prefixesPerRequest))))
  }
  return found
}

type Collections = Readonly<{
  chunks: Collection<ChunkDocument>
  records: Collection<RecordDocument>
  lanes: Collection<LaneDocument>
}>

type Call = ReturnType<MongoConnection['callsOn']>

const writerOf = (
  { chunks, records, lanes }: Collections,
  calls: Readonly<{ chunks: Call; records: Call; lanes: Call }>,
): Pick<ChunkTables, 'openLane' | 'write' | 'remove'> => {
  const chunkWrites = new BulkWrites(chunks, calls.chunks)
  const recordWrites = new BulkWrites(records, calls.records)
  /** What is there already says the same. */
  const once = <T extends { _id: Binary }>({ _id, ...rest }: T) => ({
    document: { _id, ...rest },
    otherwise: {
      updateOne: { filter: { _id }, update: { $setOnInsert: rest }, upsert: true },
    },
  })
  return {
    openLane: async (partition, terms) => {
      for (;;) {
        const opened = await calls.lanes(async () => {
          const newest = await lanes.findOne({}, { sort: { _id: -1 } })
          const { lane: _id, ...opened } = newLane((newest?._id ?? -1) + 1, partition, terms)
          const lane = { _id, ...opened }
          return lanes.insertOne(lane).then(
            () => laneOf(lane),
            (error: unknown) => {
              // Another one opened a lane in between.
              if (isDuplicateKey(error)) return null
              throw error
            },
          )
        })
        if (opened) return opened
      }
    },
    write: async ({ lane, events, next, lastId, through = null }, come) => {
      const documents = events.map(({ record }) => once(recordDocument(lane, record)))
      await recordWrites.insertOrWrite(documents as never)
      const found = come.map(({ key, places }) =>
        once({ _id: new Binary(key), places: new Binary(places) }),
      )
      await chunkWrites.insertOrWrite(found as never)
      await calls.lanes(() =>
        lanes.updateOne({ _id: lane, next: { $lt: next } }, { $set: { next, lastId } }),
      )
      if (through === null) return
      await calls.lanes(() => lanes.updateOne({ _id: lane }, { $max: { through } }))
    },
    remove: async (prefixes, places) => {
      await inParts(prefixes, async (part) => {
        await calls.chunks(() => chunks.deleteMany(underAny(part)))
        return []
      })
      await inParts(places, async (part) => {
        const ids = part.map(recordId)
        await calls.records(() => records.deleteMany({ _id: { $in: ids } }))
        return []
      })
    },
  }
}

const tablesIn = (connection: MongoConnection): ChunkTables => {
  const { db, callsOn } = connection
  const collections: Collections = {
    chunks: db.collection('auditChunks'),
    records: db.collection('auditRecords'),
    lanes: db.collection('auditLanes'),
  }
  const calls = {
    chunks: callsOn('auditChunks'),
    records: callsOn('auditRecords'),
    lanes: callsOn('auditLanes'),
  }
  const { chunks, records, lanes } = collections
  const allLanes = (): Promise<Lane[]> =>
    calls.lanes(async () => (await lanes.find({}).sort({ _id: 1 }).toArray()).map(laneOf))
  /** A lane keeps its partition for ever, so it is asked for once. */
  const partitions = new Map<number, number>()
  const learnPartitionsOf = async (wanted: readonly number[]): Promise<void> => {
    if (wanted.every((lane) => partitions.has(lane))) return
    for (const { lane, partition } of await allLanes()) partitions.set(lane, partition)
  }
  return {
    ...writerOf(collections, calls),
    lanes: allLanes,
    range: ({ from, to, order, limit }: KeyRange) =>
      calls.chunks(async () => {
        const _id = { $gte: bound(from), $lt: bound(to) }
        const found = chunks.find({ _id }).sort({ _id: order === 'newest' ? -1 : 1 })
        return (await found.limit(limit).toArray()).map(chunkOf)
      }),
    under: (prefixes) =>
      inParts(prefixes, (part) =>
        calls.chunks(async () => (await chunks.find(underAny(part)).toArray()).map(chunkOf)),
      ),
    records: async (places) => {
      await learnPartitionsOf(places.map(({ lane }) => lane))
      const found = await inParts(places, (part) =>
        calls.records(() => records.find({ _id: { $in: part.map(recordId) } }).toArray()),
      )
      const byId = new Map(found.map((document) => [document._id.toString('hex'), document]))
      return places.map((place) => {
        const document = byId.get(recordId(place).toString('hex'))
        return document ? rawOf(document, partitions.get(place.lane) ?? 0) : null
      })
    },
    recordsFrom: async (lane, from, to, limit) => {
      await learnPartitionsOf([lane])
      const _id = {
        $gte: recordId({ lane, offset: from }),
        $lt: recordId({ lane, offset: to }),
      }
      const found = await calls.records(() =>
        records.find({ _id }).sort({ _id: 1 }).limit(limit).toArray(),
      )
      return found.map((document) => rawOf(document, partitions.get(lane) ?? 0))
    },
    close: async () => {},
  }
}

/**
 * The audit index as three MongoDB collections: `auditRecords` has each event once, `auditChunks`
 * says by what it is found, `auditLanes` how far that is. All are read by `_id`, so none needs an
 * index. A batch is written before its lane moves: a crash in between repeats it, which changes
 * nothing.
 */
export const mongoAuditIndex = (connection: MongoConnection): AuditIndex =>
  chunkedAuditIndex(tablesIn(connection))
