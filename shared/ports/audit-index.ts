import type { RawRecord } from '../events/log-record.ts'
import type { EpochMs } from '../kernel/ids.ts'

/**
 * One partition of `auth.events` in one life of the log: offsets count anew when the log is
 * another one, and what was indexed of the former one stays.
 */
export type Lane = Readonly<{
  lane: number
  partition: number
  /** The next offset that is not indexed yet. */
  next: number
  /** The `ce_id` of the record below it, by which it is seen whether the log is still the same. */
  lastId: string | null
  /** Which terms its events were given: `auditTerms` of whoever opened it. */
  terms: number
  /** All that the log had at this instant is indexed; `null` while the lane never got there. */
  through: EpochMs | null
}>

/** Where an event stands among all: by its time, and where times are equal, by where it lies. */
export type AuditPlace = Readonly<{ at: EpochMs; lane: number; offset: number }>

export type IndexedEvent = Readonly<{
  at: EpochMs
  /** By what it is found, such as `user:` and an id. Each once. */
  terms: readonly string[]
  record: RawRecord
}>

/** What was read of a lane: the events of all offsets from the lane's `next` up to this one. */
export type IndexBatch = Readonly<{
  lane: number
  events: readonly IndexedEvent[]
  next: number
  lastId: string | null
  /** Said by whoever saw that the log ended there at this instant. */
  through?: EpochMs | null
}>

export type AuditQuery = Readonly<{
  /** An event is wanted that has all of them; without any, every event is. */
  terms: readonly string[]
  /** From this instant on. */
  since: EpochMs | null
  /** Before this instant. */
  until: EpochMs | null
  order: 'newest' | 'oldest'
  /** Where the page before ended. */
  after: AuditPlace | null
  limit: number
}>

/** A record with where it stands; `place` is opaque to whoever asks. */
export type FoundEvent = Readonly<{ place: AuditPlace; record: RawRecord }>

export type AuditPage = Readonly<{
  events: readonly FoundEvent[]
  /** Where to go on; `null` at the end. */
  next: AuditPlace | null
}>

/** The next offset of each lane, for whoever reads events as they come. */
export type Arrived = ReadonlyMap<number, number>

export type Arrivals = Readonly<{ records: readonly RawRecord[]; arrived: Arrived; more: boolean }>

/**
 * Finds events of `auth.events` by who, what, when and where.
 * - `add` is idempotent and resolves once its events and the lane's `next` survive a crash: a
 *   reader goes on at `next`. Batches that overlap, also of several writers at once, do no harm.
 * - `page` gives events in a stable order, by time, lane and offset. An event that lies in the log
 *   twice comes once. With one term a page costs the same whether it is empty or full. With
 *   several, a page looks at a bounded number of places: it may be short, or empty, and have a
 *   `next` all the same.
 * - `arrivals` gives events in the order in which they were indexed, so none is missed that came
 *   late; one that came twice may come twice.
 * - A hash stands for a term: whoever asks looks again whether an event has its terms.
 * - Not promised: that an event is there as soon as it is in the log.
 * Rejects with STORE_UNAVAILABLE.
 */
export interface AuditIndex {
  lanes(): Promise<readonly Lane[]>
  /** A new lane, for the life of the log that begins, or for other terms than before. */
  openLane(partition: number, terms: number): Promise<Lane>
  add(batch: IndexBatch): Promise<void>
  page(query: AuditQuery): Promise<AuditPage>
  arrivals(after: Arrived, limit: number): Promise<Arrivals>
  /**
   * Forgets events that are older than `before`, about `limit` of them; returns how many, 0 when
   * nothing is left to forget. `termsOf` says by what they are found.
   */
  drop(before: EpochMs, limit: number, termsOf: TermsOf): Promise<number>
  close(): Promise<void>
}

export type TermsOf = (record: RawRecord) => readonly string[]
