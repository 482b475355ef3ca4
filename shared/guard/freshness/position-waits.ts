import type { Clock } from '../../kernel/clock.ts'
import type { EpochMs, LogId } from '../../kernel/ids.ts'
import type { Position } from '../../kernel/revocation-position.ts'
import { type Freshness, isAhead } from './freshness.ts'

/** How far a guard has read. */
export type ReadProgress = Readonly<{
  freshness: Freshness
  /** The greatest offset up to which everything was told. */
  readTo: number
  /** The greatest closed time that was ever read under each identity of the log. */
  lastClosed: ReadonlyMap<LogId, EpochMs>
}>

export type PositionQuestion = Readonly<{
  position: Position
  /** This host's time when the position was shown. */
  at: EpochMs
  /** This host's time now. */
  now: EpochMs
  maxClockErrorMs: number
}>

/**
 * Whether everything up to the position is known. Pure.
 * - Under the log's identity now: by offset, but for what follows a record that could not be read.
 * - Under one that another followed: at the first closed time of the other, before which all that
 *   was in force was published again.
 * - Under one it never met, older or newer: a position that somebody holds was acknowledged before
 *   it was shown, so a closed time after that instant, by any right clock, is behind it.
 * Not promised: offsets of a log that lost what it acknowledged, until its new identity is known.
 */
export const hasReached = (
  { freshness, readTo, lastClosed }: ReadProgress,
  { position, at, now, maxClockErrorMs }: PositionQuestion,
): boolean => {
  const { closed, logId, blockedAt } = freshness
  if (closed === null) return false
  if (position.kind === 'instant') return closed > position.t
  if (position.logId === logId) {
    return position.offset <= readTo && (blockedAt === null || position.offset < blockedAt)
  }
  // Ticks never go back, and one renewed the identity: what was closed later came later.
  const last = lastClosed.get(position.logId)
  if (last !== undefined && last < closed) return true
  // A clock that is behind would call everything past: then nothing is known of the instant.
  return closed > at + maxClockErrorMs && !isAhead(freshness, { now, maxClockErrorMs })
}

type Waiter = Readonly<{ isReached: () => boolean; end: (reached: boolean) => void }>

/** Waiting takes memory, and what is read is held against all that wait: more do not wait. */
const waitersMax = 10_000

/** Requests that wait until the guard has read far enough. */
export class PositionWaits {
  readonly #waiters = new Set<Waiter>()
  readonly #clock: Clock
  readonly #waitMs: number
  #isClosed = false

  constructor(clock: Clock, waitMs: number) {
    this.#clock = clock
    this.#waitMs = waitMs
  }

  /** Whether it was reached within the time. Never rejects. */
  async waitUntil(isReached: () => boolean): Promise<boolean> {
    if (isReached()) return true
    if (this.#isClosed || this.#waiters.size >= waitersMax) return false
    const timer = new AbortController()
    let waiter: Waiter | undefined
    const reached = new Promise<boolean>((end) => {
      waiter = { isReached, end }
      this.#waiters.add(waiter)
    })
    const late = this.#clock.sleep(this.#waitMs, timer.signal).then(isReached)
    try {
      return await Promise.race([reached, late])
    } finally {
      timer.abort()
      if (waiter) this.#waiters.delete(waiter)
    }
  }

  /** To be called after every item or batch that was read. */
  recheck(): void {
    for (const { isReached, end } of this.#waiters) if (isReached()) end(true)
  }

  /** Nobody waits any longer, or again. */
  close(): void {
    this.#isClosed = true
    for (const { end } of this.#waiters) end(false)
  }
}
