import type { AuthEvent } from '../../../shared/events/event.ts'
import type { RawRecord } from '../../../shared/events/log-record.ts'
import { readEventRecord } from '../../../shared/events/read-event-record.ts'
import { setInBoundedMap } from '../../../shared/kernel/bounded-map.ts'
import type { EpochMs, EventId } from '../../../shared/kernel/ids.ts'
import type { Arrived, AuditPlace } from '../../../shared/ports/audit-index.ts'
import { type Asking, arrivedSoFar } from '../audit/index.ts'

/** What happened in one second. */
export type SecondCounts = Readonly<{
  at: EpochMs
  logins: number
  failures: number
  rotations: number
  revocations: number
}>
type Counted = Exclude<keyof SecondCounts, 'at'>

/** What the whole fleet did, of the last minutes; seconds in which nothing happened are absent. */
export type EventCounts = Readonly<{
  /** It has all that was indexed from this instant on. */
  from: EpochMs
  to: EpochMs
  seconds: readonly SecondCounts[]
}>

export const countedForMs = 5 * 60_000
/** Who looks again later than this has missed too much: counting begins anew. */
const forgottenAfterMs = 60_000
const pageSize = 1_000
/** Of the past, at the first look, and of what came since, at each one. */
const pagesMax = 10
/** What comes twice comes within a moment: more than these are not told apart. */
const seenMax = 2 * pagesMax * pageSize

/** As what an event counts; a login and a refresh issue several tokens, and one of them counts. */
const countedAs = ({ type, data }: AuthEvent): Counted | null => {
  switch (type) {
    case 'TokenIssued':
      if (data.cause === 'login') return data.kind === 'access' ? null : 'logins'
      return data.kind === 'refresh' ? null : 'rotations'
    case 'LoginFailed':
    case 'LoginLimited':
      return 'failures'
    case 'TokenRevoked':
      return data.reason === 'rotated' ? null : 'revocations'
    default:
      return null
  }
}

const nothing = { logins: 0, failures: 0, rotations: 0, revocations: 0 } as const

/**
 * Counts the events of the fleet second by second, from the index: what happened at other gateways
 * is among it. Only who looks pays for it: the first look reads the newest events of the last
 * minutes, and each later one what came since.
 */
export class EventRates {
  readonly #asking: Pick<Asking, 'index' | 'events'>
  readonly #seconds = new Map<number, Record<Counted, number>>()
  #arrived: Arrived | null = null
  /** An event may lie in the log twice, and what the first look read comes again as an arrival. */
  readonly #seen = new Map<EventId, true>()
  #from = 0 as EpochMs
  #lookedAt = 0 as EpochMs
  #looking: Promise<EventCounts> | null = null

  constructor(asking: Pick<Asking, 'index' | 'events'>) {
    this.#asking = asking
  }

  /** Several at once are one look. @throws AuthError AUDIT_UNFILLED, STORE_UNAVAILABLE */
  look(now: EpochMs): Promise<EventCounts> {
    this.#looking ??= this.#look(now).finally(() => {
      this.#looking = null
    })
    return this.#looking
  }

  async #look(now: EpochMs): Promise<EventCounts> {
    const isForgotten = now - this.#lookedAt > forgottenAfterMs
    if (this.#arrived === null || isForgotten) await this.#begin(now)
    else await this.#goOn(this.#arrived, now)
    this.#lookedAt = now
    const oldest = now - countedForMs
    for (const at of this.#seconds.keys()) if (at < oldest) this.#seconds.delete(at)
    const seconds = [...this.#seconds].sort(([a], [b]) => a - b)
    return {
      from: Math.max(this.#from, oldest) as EpochMs,
      to: now,
      seconds: seconds.map(([at, counts]) => ({ at: at as EpochMs, ...counts })),
    }
  }

  async #begin(now: EpochMs): Promise<void> {
    this.#forget()
    const { index } = this.#asking
    // Before the pages, so that what comes in between is met again, and not missed.
    const arrived = await arrivedSoFar({ index })
    const since = (now - countedForMs) as EpochMs
    let from = since
    let after: AuditPlace | null = null
    for (let pages = 0; pages < pagesMax; pages += 1) {
      const page = { terms: [], order: 'newest', since, until: null, after } as const
      const { events, next } = await index.page({ ...page, limit: pageSize })
      for (const { record } of events) {
        this.#count(record)
      }
      after = next
      from = next?.at ?? since
      if (next === null) break
    }
    this.#from = from
    this.#arrived = arrived
  }

  async #goOn(from: Arrived, now: EpochMs): Promise<void> {
    let arrived = from
    for (let pages = 0; pages < pagesMax; pages += 1) {
      const page = await this.#asking.index.arrivals(arrived, pageSize)
      for (const record of page.records) this.#count(record)
      arrived = page.arrived
      this.#arrived = arrived
      if (!page.more) return
    }
    // More comes than is counted.
    await this.#begin(now)
  }

  #count(record: RawRecord): void {
    const read = readEventRecord(this.#asking.events, record)
    if (!read.ok || read.at === null || this.#seen.has(read.id)) return
    const as = countedAs(read.event)
    if (as === null) return
    setInBoundedMap(this.#seen, read.id, true, seenMax)
    const second = read.at - (read.at % 1_000)
    const counts = this.#seconds.get(second) ?? { ...nothing }
    counts[as] += 1
    this.#seconds.set(second, counts)
  }

  #forget(): void {
    this.#seconds.clear()
    this.#seen.clear()
    this.#arrived = null
  }
}
