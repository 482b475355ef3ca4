import { decodeEvent } from '../../../../shared/events/codec.ts'
import type { RawRecord } from '../../../../shared/events/record.ts'
import { ChangeSignal } from '../../../../shared/kernel/concurrency/change-signal.ts'
import { AuthError, isAuthError } from '../../../../shared/kernel/errors.ts'
import type { Following, LogBatch } from '../../../../shared/ports/event-log.ts'
import type { Receiver } from '../../../../shared/ports/receivers.ts'
import { jtiOf, securityEvents } from '../delivery/security-events.ts'
import type { TransmitterDeps } from '../transmitter.ts'
import type { Entry, Span, Spans } from './poll-progress.ts'

/** What one stream keeps in memory, over all partitions; what comes after waits in the log. */
const entriesMax = 1_024
const entriesMin = 16
/** Of SETs that were settled here: an acknowledgement that comes twice is no riddle. */
const rememberedMax = 4_096

/**
 * What one polling stream has not settled: a window on the log that begins at the stored cursor and
 * holds a bounded number of entries of each partition. So every gateway that reads the same stream
 * comes to the same window, and understands what was acknowledged to another one.
 */
export class PollReader {
  /** Of the receiver that it was opened for. */
  readonly generation: number
  readonly #deps: TransmitterDeps
  readonly #id: string
  readonly #ends: Receiver['cursor']
  readonly #entriesMax: number
  readonly #spans = new Map<number, { readTo: number; entries: Entry[] }>()
  readonly #remembered = new Set<string>()
  readonly #wakeups = new ChangeSignal()
  readonly #stop = new AbortController()
  #following: Following | null = null
  #isOutdated = false
  #usedMs: number

  /** `ends` is where the log ended when `cursor` was held against it. */
  constructor(
    deps: TransmitterDeps,
    { id, generation, cursor }: Receiver,
    ends: Receiver['cursor'],
  ) {
    this.#deps = deps
    this.#ends = ends
    this.#id = id
    this.generation = generation
    this.#usedMs = deps.clock.monotonicMs()
    this.#entriesMax = Math.max(entriesMin, Math.floor(entriesMax / Math.max(1, cursor.length)))
    for (const { partition, next } of cursor) this.#spanOf(partition).readTo = next
  }

  async start(): Promise<void> {
    const { log, logger } = this.#deps
    this.#following = await log.follow({
      topics: ['auth.events'],
      group: null,
      resumeAt: async ({ partition }) => this.#spanOf(partition).readTo,
      onBatch: (batch) => this.#take(batch),
      onTrouble: (error) => {
        if (isAuthError(error, 'OVERLOADED')) return
        logger.debug({ receiver: this.#id, error }, 'reading for a receiver')
      },
    })
  }

  get spans(): Spans {
    return this.#spans
  }

  /** Whether the log turned out to be another one than the cursor is of. */
  get isOutdated(): boolean {
    return this.#isOutdated
  }

  /** Whether it has not yet read what lay in the log when it was opened. */
  get isBehind(): boolean {
    return !this.#isBeyond(this.#ends)
  }

  /** Whether some partition is not read on until something is settled. */
  get isFull(): boolean {
    return [...this.#spans.values()].some((span) => this.#hasNoRoom(span))
  }

  get idleMs(): number {
    return this.#deps.clock.monotonicMs() - this.#usedMs
  }

  used(): void {
    this.#usedMs = this.#deps.clock.monotonicMs()
  }

  knows(jti: string): boolean {
    if (this.#remembered.has(jti)) return true
    return [...this.#spans.values()].some(({ entries }) => entries.some((one) => one.jti === jti))
  }

  /** To be taken before what is there is judged. */
  seen(): number {
    return this.#wakeups.count()
  }

  /** Resolves when there may be more than `seen`, or when `signal` aborts. */
  more(seen: number, signal: AbortSignal): Promise<void> {
    return this.#wakeups.changedSince(seen, signal)
  }

  /** Makes room: what lies below `cursor` is settled, and stored as such. */
  forget(cursor: Receiver['cursor']): void {
    for (const { partition, next } of cursor) {
      const span = this.#spanOf(partition)
      const gone = span.entries.filter(({ offset }) => offset < next)
      if (gone.length === 0) continue
      span.entries = span.entries.filter(({ offset }) => offset >= next)
      for (const { jti } of gone) this.#remember(jti)
    }
  }

  /**
   * Resolves once each partition is read up to `ends`, or as far as there is room; `false` when
   * `signal` aborted first.
   */
  async hasRead(ends: Receiver['cursor'], signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      const seen = this.seen()
      if (this.#isBeyond(ends)) return true
      await this.more(seen, signal)
    }
    return false
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    this.#wakeups.notify()
    await this.#following?.stop()
  }

  #spanOf(partition: number): { readTo: number; entries: Entry[] } {
    const span = this.#spans.get(partition) ?? { readTo: 0, entries: [] }
    this.#spans.set(partition, span)
    return span
  }

  #hasNoRoom({ entries }: Span): boolean {
    return entries.length >= this.#entriesMax
  }

  #isBeyond(ends: Receiver['cursor']): boolean {
    return ends.every(({ partition, next }) => {
      const span = this.#spanOf(partition)
      return span.readTo >= next || this.#hasNoRoom(span)
    })
  }

  #remember(jti: string): void {
    this.#remembered.add(jti)
    const [oldest] = this.#remembered
    if (this.#remembered.size > rememberedMax && oldest) this.#remembered.delete(oldest)
  }

  async #take({ partition, records, end }: LogBatch): Promise<void> {
    const span = this.#spanOf(partition)
    if (span.readTo > end) this.#isOutdated = true
    for (const raw of this.#isOutdated ? [] : records) {
      // What is not read is not behind us: a follower may hand out one more batch while it stops.
      if (this.#stop.signal.aborted) return
      if (raw.offset < span.readTo) continue
      const entry = this.#entryOf(raw)
      if (entry && this.#hasNoRoom(span)) {
        this.#wakeups.notify()
        // The log hands the batch out again, and other partitions go on meanwhile.
        throw new AuthError('OVERLOADED', 'as much as is kept waits to be acknowledged')
      }
      if (entry) span.entries.push(entry)
      span.readTo = raw.offset + 1
    }
    this.#wakeups.notify()
  }

  // What does not decode is parked by the projector; nobody can be told of it.
  #entryOf(raw: RawRecord): Entry | null {
    const told = decodeEvent(raw)
    if (!told.ok || securityEvents(this.#deps.issuer, told).length === 0) return null
    return { offset: raw.offset, jti: jtiOf(told.id, this.#id), told }
  }
}
