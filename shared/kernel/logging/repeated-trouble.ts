import type { Clock } from '../clock.ts'

const againMs = 60_000
/**
 * The most lines a minute about beginnings and changes, so that trouble that comes and goes, or
 * changes its words, floods no log.
 */
const linesMax = 6

/**
 * Decides when a trouble that repeats is worth a line in the log: when it begins, when its cause
 * changes, and once a minute for as long as it lasts. Each kind of trouble has its own instance. It
 * writes nothing itself: the caller writes the line.
 *
 *     const times = trouble.occurred(error.message)
 *     if (times !== null) logger.warn({ error, times }, 'the relay did not finish a run')
 *     …
 *     const failures = trouble.ended()
 *     if (failures !== null) logger.info({ failures }, 'the relay goes on')
 */
export class RepeatedTrouble {
  readonly #clock: Clock
  readonly #quietMs: number
  /** Causes that were told in this streak and the last minute, and when. */
  readonly #told = new Map<string, number>()
  #isTold = false
  #metMs = 0
  /** When the newest lines were told, whatever the streak. */
  #lines: number[] = []
  /** Since the last line. */
  #untold = 0
  #streak = 0

  /** `quietMs`: an end that comes sooner after the trouble was met is none. */
  constructor(clock: Clock, quietMs = 0) {
    this.#clock = clock
    this.#quietMs = quietMs
  }

  /**
   * The trouble was met. How often since it was last told, when it is to be told now; else `null`.
   * `cause` is compared, so it holds nothing that differs at each try.
   */
  occurred(cause: string): number | null {
    this.#streak += 1
    this.#untold += 1
    const nowMs = this.#clock.monotonicMs()
    this.#metMs = nowMs
    const toldMs = this.#told.get(cause)
    if (toldMs !== undefined && nowMs - toldMs < againMs) return null
    this.#forget(nowMs - againMs)
    if (this.#lines.length >= linesMax) return null
    this.#lines.push(nowMs)
    this.#told.set(cause, nowMs)
    this.#isTold = true
    const times = this.#untold
    this.#untold = 0
    return times
  }

  /** It ended. How often it was met in all, when somebody was told of it; else `null`. */
  ended(): number | null {
    if (this.#streak === 0) return null
    if (this.#clock.monotonicMs() - this.#metMs < this.#quietMs) return null
    const times = this.#isTold ? this.#streak : null
    this.#isTold = false
    this.#told.clear()
    this.#streak = 0
    this.#untold = 0
    return times
  }

  #forget(beforeMs: number): void {
    this.#lines = this.#lines.filter((lineMs) => lineMs > beforeMs)
    for (const [cause, toldMs] of this.#told) if (toldMs <= beforeMs) this.#told.delete(cause)
  }
}
