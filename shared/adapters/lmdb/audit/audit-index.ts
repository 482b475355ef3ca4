import type { Database, Key } from 'lmdb'
import type { RawRecord } from '../../../events/log-record.ts'
import type { AuditIndex, AuditPlace, Lane } from '../../../ports/audit-index.ts'
import type { Chunk } from '../../audit-chunks/chunk-key.ts'
import type { ChunkTables, KeyRange } from '../../audit-chunks/chunk-tables.ts'
import { chunkedAuditIndex } from '../../audit-chunks/chunked-audit-index.ts'
import { type LaneMove, movedLane, newLane } from '../../audit-chunks/lane-progress.ts'
import { type LmdbEnvironment, lmdbWrites } from '../environment/lmdb-environment.ts'
import { rawOf } from '../log/log-tail.ts'
import { type LogDatabases, openLogDatabases } from '../log/log-writes.ts'
import { chunksInFrame, frameOf } from './chunk-frame.ts'

type Databases = Readonly<{
  chunks: Database<Uint8Array, Uint8Array>
  lanes: Database<Lane, Key>
  log: LogDatabases
}>

const open = (env: LmdbEnvironment): Databases => ({
  chunks: env.bytesDatabase('audit.chunks'),
  lanes: env.database('audit.lanes'),
  log: openLogDatabases(env),
})

const topic = 'auth.events'

/** Older versions wrote neither the terms nor how far the log was indexed. */
const laneOf = (stored: Lane): Lane => ({
  ...stored,
  terms: stored.terms ?? 1,
  through: stored.through ?? null,
})

const lanesIn = ({ lanes }: Databases): Lane[] =>
  Array.from(lanes.getRange(), ({ value }) => laneOf(value))

/** The number of the lane that was opened last; -1 where there is none. */
const newestLane = ({ lanes }: Databases): number => {
  const [newest = -1] = lanes.getKeys({ reverse: true, limit: 1 })
  return newest as number
}

/** Any key under a prefix is longer than it, so it does not matter which bound belongs to it. */
const rangeIn = ({ chunks }: Databases, { from, to, order, limit }: KeyRange): Chunk[] => {
  const range =
    order === 'newest' ? { start: to, end: from, reverse: true } : { start: from, end: to }
  return Array.from(chunks.getRange({ ...range, limit }), ({ key, value }) => ({
    key,
    places: value,
  }))
}

/** Behind the last key under it. */
const afterPrefix = (prefix: Uint8Array): Uint8Array => {
  const end = new Uint8Array(prefix.length + 32).fill(0xff)
  end.set(prefix)
  return end
}

const under = (dbs: Databases, prefix: Uint8Array): Chunk[] =>
  rangeIn(dbs, {
    from: prefix,
    to: afterPrefix(prefix),
    order: 'oldest',
    limit: Number.POSITIVE_INFINITY,
  })

export const auditWrites = lmdbWrites('audit', open, {
  openLane: (dbs, partition: number, terms: number): Lane => {
    const lane = newestLane(dbs) + 1
    const opened = newLane(lane, partition, terms)
    dbs.lanes.putSync(lane, opened)
    return opened
  },
  write: (dbs, move: LaneMove, frame: Uint8Array): void => {
    for (const { key, places } of chunksInFrame(frame)) dbs.chunks.putSync(key, places)
    const held = dbs.lanes.get(move.lane)
    if (held) dbs.lanes.putSync(move.lane, movedLane(laneOf(held), move))
  },
  remove: (dbs, prefixes: readonly Uint8Array[]): void => {
    for (const prefix of prefixes) {
      for (const { key } of under(dbs, prefix)) dbs.chunks.removeSync(key)
    }
  },
})

type Place = Omit<AuditPlace, 'at'>

/** The log has one partition. What was indexed of a former log has no records any more. */
const recordsIn = (dbs: Databases, places: readonly Place[]): readonly (RawRecord | null)[] => {
  const current = newestLane(dbs)
  return places.map(({ lane, offset }) => {
    const stored = lane === current ? dbs.log.topics[topic].get(offset) : undefined
    return stored ? rawOf(topic, offset, stored) : null
  })
}

const tablesIn = (env: LmdbEnvironment): ChunkTables => {
  const { dbs, write } = env.use(auditWrites)
  return {
    lanes: () => env.read(() => lanesIn(dbs)),
    openLane: (partition, terms) => write.openLane(partition, terms),
    write: ({ lane, next, lastId, through = null }, chunks) =>
      write.write({ lane, next, lastId, through }, frameOf(chunks)),
    range: (range) => env.read(() => rangeIn(dbs, range)),
    under: (prefixes) => env.read(() => prefixes.flatMap((prefix) => under(dbs, prefix))),
    records: (places) => env.read(() => recordsIn(dbs, places)),
    recordsFrom: (lane, from, to, limit) =>
      env.read(() => {
        if (newestLane(dbs) !== lane) return []
        const range = dbs.log.topics[topic].getRange({ start: from, end: to, limit })
        return Array.from(range, ({ key, value }) => rawOf(topic, key as number, value))
      }),
    remove: async (prefixes) => {
      if (prefixes.length > 0) await write.remove(prefixes.map((prefix) => Uint8Array.from(prefix)))
    },
    close: async () => {},
  }
}

/**
 * The audit index of one machine. Its chunks point into the log of the same file, which holds each
 * event once; a batch is one transaction. Closing it does nothing; whoever opened `env` closes
 * that.
 */
export const lmdbAuditIndex = (env: LmdbEnvironment): AuditIndex => chunkedAuditIndex(tablesIn(env))
