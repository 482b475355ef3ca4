import type { AuditPlace } from '../../ports/audit-index.ts'
import { bucketIn, byPlace, type Chunk, placesIn, prefixOf } from './chunk-key.ts'
import type { ChunkTables } from './chunk-tables.ts'

type Order = 'newest' | 'oldest'

/** What is to be joined: buckets from `low` up to `high`, both of them looked at. */
export type JoinRange = Readonly<{ low: number; high: number; order: Order }>

/** Places of all terms in one bucket, oldest first; or how far was looked, in the order wanted. */
export type Joined =
  | Readonly<{ kind: 'bucket'; places: readonly AuditPlace[] }>
  | Readonly<{ kind: 'looked'; through: number }>

/** The next chunks of one term. Buckets are whole: none has a chunk that is not in here. */
type Ahead = Readonly<{
  term: Uint8Array
  buckets: ReadonlyMap<number, readonly Chunk[]>
  /** The last bucket that was looked at; `null` when the rest of the range has no more. */
  through: number | null
}>

const firstLook = 4
const lookMax = 256
/** A page of a service that is asked for by a person is to take a tenth of a second at most. */
const chunksMax = 4_000

const grouped = (chunks: readonly Chunk[]): Map<number, Chunk[]> => {
  const buckets = new Map<number, Chunk[]>()
  for (const chunk of chunks) {
    const bucket = bucketIn(chunk.key)
    const group = buckets.get(bucket)
    if (group) group.push(chunk)
    else buckets.set(bucket, [chunk])
  }
  return buckets
}

export const lookAhead = async (
  tables: ChunkTables,
  term: Uint8Array,
  { low, high, order }: JoinRange,
  limit: number,
): Promise<Ahead> => {
  const bounds = { from: prefixOf(term, low), to: prefixOf(term, high + 1) }
  const chunks = await tables.range({ ...bounds, order, limit })
  const buckets = grouped(chunks)
  const last = chunks.at(-1)
  if (chunks.length < limit || !last) return { term, buckets, through: null }
  const through = bucketIn(last.key)
  buckets.set(through, [...(await tables.under([prefixOf(term, through)]))])
  return { term, buckets, through }
}

const isBehind = (order: Order, bucket: number, through: number | null): boolean =>
  through !== null && (order === 'newest' ? bucket < through : bucket > through)

/**
 * The term whose chunks reach farthest: it is the rarest here, and decides where the others are
 * read.
 */
const rarest = (aheads: readonly Ahead[], order: Order): Ahead | undefined =>
  aheads.reduce((best, one) => {
    if (best.through === null) {
      return one.through === null && one.buckets.size < best.buckets.size ? one : best
    }
    return one.through === null || isBehind(order, one.through, best.through) ? one : best
  })

const sorted = (chunks: readonly Chunk[]): AuditPlace[] => {
  const places = chunks.flatMap(placesIn).sort(byPlace)
  // Batches that overlap say the same twice.
  return places.filter((place, index) => {
    const before = places[index - 1]
    return !before || byPlace(before, place) !== 0
  })
}

const common = (a: readonly AuditPlace[], b: readonly AuditPlace[]): AuditPlace[] => {
  let index = 0
  return a.filter((place) => {
    while (index < b.length && byPlace(b[index] as AuditPlace, place) < 0) index += 1
    const met = b[index]
    return met !== undefined && byPlace(met, place) === 0
  })
}

/** The chunks of `ahead` in these buckets, of which those that it did not look at are read. */
const chunksIn = async (
  tables: ChunkTables,
  { term, buckets, through }: Ahead,
  wanted: readonly number[],
  order: Order,
): Promise<ReadonlyMap<number, readonly Chunk[]>> => {
  const unread = wanted.filter((bucket) => isBehind(order, bucket, through))
  if (unread.length === 0) return buckets
  const read = await tables.under(unread.map((bucket) => prefixOf(term, bucket)))
  return new Map([...buckets, ...grouped(read)])
}

const inOrder = (buckets: Iterable<number>, order: Order): number[] =>
  [...buckets].sort((a, b) => (order === 'newest' ? b - a : a - b))

/**
 * The places that have all terms, bucket by bucket. In each turn every term is looked at a little
 * ahead; the rarest one then says in which buckets the others are read, so a term that is
 * everywhere costs no more than one that is not. It ends at the end of the range, or says how far
 * it looked when that was enough for one page.
 */
export const joinChunks = async function* (
  tables: ChunkTables,
  terms: readonly Uint8Array[],
  { low, high, order }: JoinRange,
): AsyncGenerator<Joined> {
  let range = { low, high, order }
  let looked = 0
  for (let limit = firstLook; range.low <= range.high; limit = Math.min(limit * 4, lookMax)) {
    const now = range
    const aheads = await Promise.all(terms.map((term) => lookAhead(tables, term, now, limit)))
    const driver = rarest(aheads, order)
    if (!driver) return
    let wanted = inOrder(driver.buckets.keys(), order)
    const sides = [driver.buckets]
    for (const ahead of aheads) {
      if (ahead === driver || wanted.length === 0) continue
      const side = await chunksIn(tables, ahead, wanted, order)
      wanted = wanted.filter((bucket) => side.has(bucket))
      sides.push(side)
      looked += side.size
    }
    for (const bucket of wanted) {
      const places = sides.map((side) => sorted(side.get(bucket) ?? []))
      yield { kind: 'bucket', places: places.reduce(common) }
    }
    if (driver.through === null) return
    looked += driver.buckets.size
    if (looked > chunksMax) return yield { kind: 'looked', through: driver.through }
    range =
      order === 'newest'
        ? { ...range, high: driver.through - 1 }
        : { ...range, low: driver.through + 1 }
  }
}
