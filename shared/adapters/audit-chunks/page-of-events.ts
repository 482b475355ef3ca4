import type { EpochMs } from '../../kernel/ids.ts'
import type { AuditPage, AuditPlace, AuditQuery, FoundEvent } from '../../ports/audit-index.ts'
import { bucketOf, bucketStart, byPlace, laneMax, offsetMax } from './chunk-key.ts'
import type { ChunkTables } from './chunk-tables.ts'
import { joinChunks } from './join-chunks.ts'
import { everyEvent, termHash } from './term-hash.ts'

const bucketMax = 0xffff_fffe

/** Events as they are found, each once. */
class FoundOnce {
  readonly events: FoundEvent[] = []
  readonly #tables: ChunkTables
  readonly #limit: number
  #at: EpochMs | null = null
  readonly #ids = new Set<string>()

  constructor(tables: ChunkTables, limit: number) {
    this.#tables = tables
    this.#limit = limit
  }

  get isFull(): boolean {
    return this.events.length >= this.#limit
  }

  /** Places in the order of the page; those that the page before showed are only noted. */
  async take(places: readonly AuditPlace[], isShown: (place: AuditPlace) => boolean) {
    for (let index = 0; index < places.length && !this.isFull; index += this.#limit) {
      const part = places.slice(index, index + this.#limit)
      const records = await this.#tables.records(part)
      for (const [at, place] of part.entries()) {
        const record = records[at]
        if (!record || this.isFull) continue
        const isNew = this.#note(place, record.headers['ce_id'])
        if (isNew && !isShown(place)) this.events.push({ place, record })
      }
    }
  }

  /** What lies in the log twice has one time. */
  #note({ at }: AuditPlace, id = ''): boolean {
    if (at !== this.#at) this.#ids.clear()
    this.#at = at
    const isNew = !this.#ids.has(id)
    this.#ids.add(id)
    return isNew
  }
}

/** Behind all that was looked at. */
const edge = (through: number, order: AuditQuery['order']): AuditPlace =>
  order === 'newest'
    ? { at: bucketStart(through), lane: 0, offset: 0 }
    : { at: (bucketStart(through + 1) - 1) as EpochMs, lane: laneMax, offset: offsetMax }

const rangeOf = ({ since, until, order, after }: AuditQuery) => {
  const from = order === 'oldest' && after ? Math.max(after.at, since ?? 0) : (since ?? 0)
  const last = until === null ? bucketStart(bucketMax) : until - 1
  const to = order === 'newest' && after ? Math.min(after.at, last) : last
  const low = bucketOf(Math.max(0, from) as EpochMs)
  return { low, high: Math.min(bucketOf(to as EpochMs), bucketMax), order }
}

export const pageOfEvents = async (tables: ChunkTables, query: AuditQuery): Promise<AuditPage> => {
  const { since, until, order, after, limit } = query
  const compare = order === 'newest' ? (a: AuditPlace, b: AuditPlace) => byPlace(b, a) : byPlace
  const isWanted = (place: AuditPlace): boolean =>
    (since === null || place.at >= since) &&
    (until === null || place.at < until) &&
    // What was shown of the same instant is read again: it may lie in the log twice.
    (after === null || compare(place, after) > 0 || place.at === after.at)
  const isShown = (place: AuditPlace): boolean => after !== null && compare(place, after) <= 0
  // One more tells whether there is a next page.
  const found = new FoundOnce(tables, limit + 1)
  const terms = (query.terms.length > 0 ? query.terms : [everyEvent]).map(termHash)
  let next: AuditPlace | null = null
  let waiting: AuditPlace[] = []
  for await (const joined of joinChunks(tables, terms, rangeOf(query))) {
    if (joined.kind === 'looked') next = edge(joined.through, order)
    else waiting.push(...joined.places.filter(isWanted).sort(compare))
    // A bucket may have one place: as many are read at once as the page still wants.
    if (found.events.length + waiting.length <= limit) continue
    await found.take(waiting, isShown)
    if (found.isFull) break
    waiting = []
  }
  await found.take(waiting, isShown)
  const events = found.events.slice(0, limit)
  return { events, next: found.isFull ? (events.at(-1)?.place ?? null) : next }
}
