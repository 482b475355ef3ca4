import type { Clock } from '../clock.ts'

const windowMs = 1_000

/**
 * Limits how many log lines of one kind are written in a second, so that lines which a stranger can
 * cause at will do not drown the rest. It counts the lines that it leaves out, and the next line
 * says how many they were.
 */
export class LogRateLimit {
  readonly #clock: Clock
  readonly #linesMax: number
  readonly #kinds = new Map<string, { fromMs: number; lines: number; omitted: number }>()

  constructor(clock: Clock, linesMax: number) {
    this.#clock = clock
    this.#linesMax = linesMax
  }

  /**
   * How many were left out since the last line, when this one may be written; else `null`. `kind`
   * is one of a few words of the caller's.
   */
  take(kind: string): number | null {
    const nowMs = this.#clock.monotonicMs()
    const kept = this.#kinds.get(kind) ?? { fromMs: nowMs, lines: 0, omitted: 0 }
    this.#kinds.set(kind, kept)
    if (nowMs - kept.fromMs >= windowMs) Object.assign(kept, { fromMs: nowMs, lines: 0 })
    if (kept.lines >= this.#linesMax) {
      kept.omitted += 1
      return null
    }
    kept.lines += 1
    const { omitted } = kept
    kept.omitted = 0
    return omitted
  }
}
