import type { CommitId, NewCommit } from '../../shared/events/commit.ts'
import { AuthError } from '../../shared/kernel/errors.ts'
import type { EventId, LogId } from '../../shared/kernel/ids.ts'
import type { Logger } from '../../shared/kernel/logger.ts'
import type { EventLog } from '../../shared/ports/event-log.ts'
import type { EventStore } from '../../shared/ports/event-store.ts'
import { type CommitRecords, type Encoder, recordsOf } from './publication.ts'
import { whyStopped } from './stopped-log.ts'

export type PublishedAt = Readonly<{ logId: LogId; offset: number | null }>

type Waiting = CommitRecords & {
  readonly id: CommitId
  readonly done: Promise<PublishedAt>
  readonly resolve: (at: PublishedAt) => void
  readonly reject: (error: Error) => void
}
type Mark = Readonly<{ id: CommitId; offset: number | null; logId: LogId }>

/**
 * kafkajs groups messages in quadratic time: larger requests cost more than a second round trip.
 */
const recordsPerRequestMax = 500
/** What waits beyond this is left to the relay, which reads it from the store. */
const othersWaitingMax = 5_000

type Parts = Readonly<{
  log: EventLog
  store: EventStore
  encoder: Encoder
  logger: Logger
  /** The verified identity of the log; `null` until the relay has verified it. */
  logId: () => LogId | null
  /** Told of every failed request, so that the log is verified anew afterwards. */
  onFailure: () => void
}>

/**
 * Publishes commits that are in the store: at once when nothing is in flight, gathering while
 * something is (kafkajs has no batching: measured 1,050 single sends a second against 36,000 in
 * batches). Each commit is in flight at most once in this process, so the relay and a handler share
 * one publication.
 */
export class Publisher {
  readonly #parts: Parts
  readonly #urgent: Waiting[] = []
  readonly #others: Waiting[] = []
  readonly #byId = new Map<string, Waiting>()
  readonly #marks: Mark[] = []
  #flushing: Promise<void> | undefined
  #marking: Promise<void> | undefined
  #acknowledged: Readonly<{ offset: number; id: EventId; logId: LogId }> | undefined

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /**
   * Resolves when the log acknowledged every record of `commit`; rejects with LOG_UNAVAILABLE, a
   * revocation with LOG_TOPIC_WRONG while its topic would not keep it.
   */
  publish(commit: NewCommit): Promise<PublishedAt> {
    const name = `${commit.id.s}:${commit.id.v}`
    const known = this.#byId.get(name)
    if (known) return known.done
    const stopped = commit.kind === 'r' ? whyStopped(this.#parts.log) : null
    if (stopped) return Promise.reject(stopped)
    const waiting = this.#waitingFor(commit)
    this.#byId.set(name, waiting)
    waiting.done.catch(() => {}).finally(() => this.#byId.delete(name))
    const queue = commit.kind === 'r' ? this.#urgent : this.#others
    queue.push(waiting)
    this.#flushing ??= this.#flush()
    return waiting.done
  }

  /** For commits that nobody waits for; the relay publishes what is refused here. */
  hand(commit: NewCommit): void {
    if (this.#others.length < othersWaitingMax) this.publish(commit).catch(() => {})
  }

  /** Resolves when nothing is queued, in flight or unmarked. */
  async drain(): Promise<void> {
    while (this.#flushing || this.#marking) await (this.#flushing ?? this.#marking)
  }

  #waitingFor(commit: NewCommit): Waiting {
    let settle: Pick<Waiting, 'resolve' | 'reject'> | undefined
    const done = new Promise<PublishedAt>((resolve, reject) => {
      settle = { resolve, reject }
    })
    if (!settle) throw new AuthError('INTERNAL', 'a promise did not start')
    return { ...recordsOf(commit, this.#parts.encoder), id: commit.id, done, ...settle }
  }

  #nextBatch(): Waiting[] {
    const batch: Waiting[] = []
    let count = 0
    for (const queue of [this.#urgent, this.#others]) {
      for (let first = queue[0]; first; first = queue[0]) {
        if (count > 0 && count + first.records.length > recordsPerRequestMax) return batch
        batch.push(first)
        count += first.records.length
        queue.shift()
      }
    }
    return batch
  }

  async #flush(): Promise<void> {
    // One turn later, so that what was handed in the same turn travels together.
    await Promise.resolve()
    for (let batch = this.#nextBatch(); batch.length > 0; batch = this.#nextBatch()) {
      await this.#send(batch)
    }
    this.#flushing = undefined
  }

  async #send(batch: readonly Waiting[]): Promise<void> {
    const logId = this.#parts.logId()
    try {
      if (!logId) throw new AuthError('LOG_UNAVAILABLE', 'the log is not verified yet')
      const offsets = await this.#parts.log.publish(batch.flatMap(({ records }) => records))
      let base = 0
      for (const waiting of batch) {
        this.#acknowledge(waiting, offsets, base, logId)
        base += waiting.records.length
      }
      this.#marking ??= this.#mark()
    } catch (error) {
      this.#parts.onFailure()
      const problem = error instanceof Error ? error : new AuthError('LOG_UNAVAILABLE', 'unknown')
      for (const waiting of batch) waiting.reject(problem)
    }
  }

  #acknowledge(waiting: Waiting, offsets: readonly number[], base: number, logId: LogId): void {
    const { revocation, id } = waiting
    const offset = revocation ? (offsets[base + revocation.index] ?? null) : null
    if (revocation && offset !== null) {
      const before = this.#acknowledged
      if (before?.logId !== logId || offset > before.offset) {
        this.#acknowledged = { offset, id: revocation.id, logId }
      }
    }
    this.#marks.push({ id, offset, logId })
    waiting.resolve({ logId, offset })
  }

  /** Marks behind the acknowledgement; a mark that is lost costs a duplicate, never a record. */
  async #mark(): Promise<void> {
    const { store, logger } = this.#parts
    let noted: number | undefined
    while (this.#marks.length > 0) {
      const logId = this.#parts.logId()
      // What an earlier log acknowledged counts for nothing now: unmarked, the relay tells it
      // again.
      const marks = this.#marks
        .splice(0, recordsPerRequestMax)
        .filter((mark) => mark.logId === logId)
      const acknowledged = this.#acknowledged
      if (!logId || marks.length === 0) continue
      try {
        // Noted before it is marked: a log that loses its end is found out by what was noted (H5).
        if (acknowledged && acknowledged.logId === logId && acknowledged.offset !== noted) {
          await store.noteAcknowledged(logId, acknowledged)
          noted = acknowledged.offset
        }
        await store.markPublished(logId, marks)
      } catch (error) {
        logger.warn({ error: error as Error, count: marks.length }, 'published commits not marked')
      }
    }
    this.#marking = undefined
  }
}
