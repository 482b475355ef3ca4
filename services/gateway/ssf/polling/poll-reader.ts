import type { RawRecord } from '../../../../shared/events/log-record.ts'
import { ChangeSignal } from '../../../../shared/kernel/concurrency/change-signal.ts'
import { AuthError, isAuthError } from '../../../../shared/kernel/errors.ts'
import type { Following, LogBatch } from '../../../../shared/ports/event-log.ts'
import type { Receiver } from '../../../../shared/ports/receivers.ts'
import { loggedEvent } from '../events/logged-event.ts'
import { jtiOf, securityEvents } from '../events/security-events.ts'
import type { TransmitterDeps } from '../transmitter-deps.ts'
import type { Entry, Span, Spans } from './poll-progress.ts'

/** Entries of one stream in memory, over all partitions; later ones stay in the log. */
const entriesMax = 1_024
const entriesMin = 16
/** Settled ids that are remembered, so that a second acknowledgement is recognized. */
const settledRememberedMax = 4_096

/**
 * Reads the entries that one polling stream has not settled: a window of the log that begins at the
 * stored cursor and has a bounded number of entries of each partition. Every gateway that reads the
 * stream comes to the same window, so it understands acknowledgements of SETs another one sent.
 */
export class PollReader {
  /** The generation of the receiver for which it was opened. */
  readonly generation: number
  readonly #deps: TransmitterDeps
  readonly #id: string
  readonly #ends: Receiver['cursor']
  readonly #entriesMax: number
  readonly #spans = new Map<number, { readTo: number; entries: Entry[] }>()
  readonly #settledIds = new Set<string>()
  readonly #wakeups = new ChangeSignal()
  readonly #stop = new AbortController()
  #following: Following | null = null
  #isOutdated = false
  #usedMs: number

  /** `ends` is where the log ended when `cursor` was compared with it. */
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
      onBatch: (batch) => this.#readBatch(batch),
      onTrouble: (error) => {
        if (isAuthError(error, 'OVERLOADED')) return
        logger.debug({ receiver: this.#id, error }, 'reading for a receiver')
      },
    })
  }

  get spans(): Spans {
    return this.#spans
  }

  /** Whether the cursor turned out to be one of another log. */
  get isOutdated(): boolean {
    return this.#isOutdated
  }

  /** Whether it has not yet read up to the end that the log had when it was opened. */
  get isBehind(): boolean {
    return !this.#hasReadTo(this.#ends)
  }

  /** Whether a partition has no room left and is not read until entries are settled. */
  get isFull(): boolean {
    return [...this.#spans.values()].some((span) => this.#hasNoRoom(span))
  }

  get idleMs(): number {
    return this.#deps.clock.monotonicMs() - this.#usedMs
  }

  touch(): void {
    this.#usedMs = this.#deps.clock.monotonicMs()
  }

  knows(jti: string): boolean {
    if (this.#settledIds.has(jti)) return true
    return [...this.#spans.values()].some(({ entries }) => entries.some((one) => one.jti === jti))
  }

  /** To be read before the spans are; `changedSince` then misses no change. */
  changeCount(): number {
    return this.#wakeups.count()
  }

  /** Resolves when something was read since `count`, or when `signal` aborts. */
  changedSince(count: number, signal: AbortSignal): Promise<void> {
    return this.#wakeups.changedSince(count, signal)
  }

  /** Drops the entries below `cursor`, which are settled and stored as such. */
  dropBelow(cursor: Receiver['cursor']): void {
    for (const { partition, next } of cursor) {
      const span = this.#spanOf(partition)
      const settled = span.entries.filter(({ offset }) => offset < next)
      if (settled.length === 0) continue
      span.entries = span.entries.filter(({ offset }) => offset >= next)
      for (const { jti } of settled) this.#rememberSettled(jti)
    }
  }

  /**
   * Resolves with `true` once each partition is read up to `ends` or has no room left; with `false`
   * if `signal` aborts first.
   */
  async readUpTo(ends: Receiver['cursor'], signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      const count = this.changeCount()
      if (this.#hasReadTo(ends)) return true
      await this.changedSince(count, signal)
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

  #hasReadTo(ends: Receiver['cursor']): boolean {
    return ends.every(({ partition, next }) => {
      const span = this.#spanOf(partition)
      return span.readTo >= next || this.#hasNoRoom(span)
    })
  }

  #rememberSettled(jti: string): void {
    this.#settledIds.add(jti)
    const [oldest] = this.#settledIds
    if (this.#settledIds.size > settledRememberedMax && oldest) this.#settledIds.delete(oldest)
  }

  async #readBatch({ partition, records, end }: LogBatch): Promise<void> {
    const span = this.#spanOf(partition)
    if (span.readTo > end) this.#isOutdated = true
    for (const raw of this.#isOutdated ? [] : records) {
      // Not read, so `readTo` must not pass it: a follower may give one more batch as it stops.
      if (this.#stop.signal.aborted) return
      if (raw.offset < span.readTo) continue
      const entry = this.#entryOf(raw)
      if (entry && this.#hasNoRoom(span)) {
        this.#wakeups.notify()
        // The log gives the batch again, and other partitions go on meanwhile.
        throw new AuthError('OVERLOADED', 'as much as is kept waits to be acknowledged')
      }
      if (entry) span.entries.push(entry)
      span.readTo = raw.offset + 1
    }
    this.#wakeups.notify()
  }

  #entryOf(raw: RawRecord): Entry | null {
    const logged = loggedEvent(this.#deps, raw)
    if (logged === null || securityEvents(this.#deps.issuer, logged).length === 0) return null
    return { offset: raw.offset, jti: jtiOf(logged.id, this.#id), logged }
  }
}
