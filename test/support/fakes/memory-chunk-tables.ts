import type { Chunk } from '../../../shared/adapters/audit-chunks/chunk-key.ts'
import type { ChunkTables } from '../../../shared/adapters/audit-chunks/chunk-tables.ts'
import { movedLane, newLane } from '../../../shared/adapters/audit-chunks/lane-progress.ts'
import type { RawRecord } from '../../../shared/events/log-record.ts'
import type { Lane } from '../../../shared/ports/audit-index.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** The least that an index of chunks needs: maps, which are sorted when they are asked. */
export const memoryChunkTables = (): ChunkTables => {
  const chunks = new Map<string, Chunk>()
  const records = new Map<string, RawRecord>()
  const lanes: Lane[] = []
  const sorted = (): [string, Chunk][] => [...chunks].sort(([a], [b]) => (a < b ? -1 : 1))
  return {
    lanes: async () => [...lanes],
    openLane: async (partition, terms) => {
      const lane = newLane(lanes.length, partition, terms)
      lanes.push(lane)
      return lane
    },
    write: async ({ events, ...move }, come) => {
      const { lane } = move
      for (const { record } of events) records.set(`${lane}:${record.offset}`, record)
      for (const chunk of come) chunks.set(hex(chunk.key), chunk)
      const held = lanes[lane]
      if (held) lanes[lane] = movedLane(held, move)
    },
    range: async ({ from, to, order, limit }) => {
      const found = sorted().filter(([key]) => key >= hex(from) && key < hex(to))
      if (order === 'newest') found.reverse()
      return found.slice(0, limit).map(([, chunk]) => chunk)
    },
    under: async (prefixes) =>
      prefixes.flatMap((prefix) =>
        sorted().flatMap(([key, chunk]) => (key.startsWith(hex(prefix)) ? [chunk] : [])),
      ),
    records: async (places) =>
      places.map(({ lane, offset }) => records.get(`${lane}:${offset}`) ?? null),
    recordsFrom: async (lane, from, to, limit) =>
      [...records]
        .filter(([key, { offset }]) => key.startsWith(`${lane}:`) && offset >= from && offset < to)
        .map(([, record]) => record)
        .sort((a, b) => a.offset - b.offset)
        .slice(0, limit),
    remove: async (prefixes, places) => {
      const doomed = prefixes.map(hex)
      for (const key of chunks.keys()) {
        if (doomed.some((prefix) => key.startsWith(prefix))) chunks.delete(key)
      }
      for (const { lane, offset } of places) records.delete(`${lane}:${offset}`)
    },
    close: async () => {},
  }
}
