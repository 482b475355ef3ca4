import type {
  AuditIndex,
  AuditPlace,
  AuditQuery,
  FoundEvent,
  IndexedEvent,
  Lane,
} from '../../ports/audit-index.ts'
import { movedLane, newLane } from '../audit-chunks/lane-progress.ts'

type Placed = FoundEvent & Readonly<{ terms: ReadonlySet<string> }>

const byPlace = (a: AuditPlace, b: AuditPlace): number =>
  a.at - b.at || a.lane - b.lane || a.offset - b.offset

const placed = (lane: number, { at, terms, record }: IndexedEvent): Placed => ({
  place: { at, lane, offset: record.offset },
  record,
  terms: new Set(terms),
})

const sameId = (a: Placed, b: Placed): boolean =>
  a.record.headers['ce_id'] === b.record.headers['ce_id']

const pageOf = (events: readonly Placed[], query: AuditQuery) => {
  const { terms, since, until, order, after, limit } = query
  const compare = order === 'newest' ? (a: AuditPlace, b: AuditPlace) => byPlace(b, a) : byPlace
  const wanted = [...events]
    .filter(({ place: { at } }) => at >= (since ?? 0) && (until === null || at < until))
    .filter((event) => terms.every((term) => event.terms.has(term)))
    .sort((a, b) => compare(a.place, b.place))
    .filter((event, index, all) => all.findIndex((one) => sameId(one, event)) === index)
    .filter(({ place }) => after === null || compare(place, after) > 0)
  const page = wanted.slice(0, limit)
  const next = wanted.length > limit ? (page.at(-1)?.place ?? null) : null
  return { events: page.map(({ place, record }) => ({ place, record })), next }
}

/** The executable model of an audit index. Nothing survives the process. */
export const openMemoryAuditIndex = (): AuditIndex => {
  const lanes: Lane[] = []
  const events = new Map<string, Placed>()
  return {
    lanes: async () => [...lanes],
    openLane: async (partition, terms) => {
      const lane = newLane(lanes.length, partition, terms)
      lanes.push(lane)
      return lane
    },
    add: async ({ events: come, ...move }) => {
      const { lane } = move
      for (const event of come) {
        events.set(`${lane}:${event.record.offset}`, placed(lane, event))
      }
      const held = lanes[lane]
      if (held) lanes[lane] = movedLane(held, move)
    },
    page: async (query) => pageOf([...events.values()], query),
    arrivals: async (after, limit) => {
      const arrived = new Map(after)
      const records = [...events.values()]
        .filter(({ place }) => place.offset >= (after.get(place.lane) ?? 0))
        .sort((a, b) => a.place.lane - b.place.lane || a.place.offset - b.place.offset)
      const read = records.slice(0, limit)
      for (const { place } of read) arrived.set(place.lane, place.offset + 1)
      const more = read.length < records.length
      if (!more) for (const { lane, next } of lanes) arrived.set(lane, next)
      return { records: read.map(({ record }) => record), arrived, more }
    },
    drop: async (before, limit) => {
      const doomed = [...events].filter(([, { place }]) => place.at < before)
      const dropped = doomed.sort(([, a], [, b]) => byPlace(a.place, b.place)).slice(0, limit)
      for (const [key] of dropped) events.delete(key)
      return dropped.length
    },
    close: async () => {},
  }
}
