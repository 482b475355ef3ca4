import type { Clock } from '../../../kernel/clock.ts'

const firstWaitMs = 100
const waitMsMax = 2_000

/**
 * How long each partition is left alone after its batches were rejected. It outlives consumers and
 * their places in a group, which forget who is paused.
 */
export class ReadingBackoff {
  readonly #clock: Clock
  readonly #streaks = new Map<string, Readonly<{ failures: number; untilMs: number }>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** How long to wait, in ms. */
  failed(partition: string): number {
    const failures = (this.#streaks.get(partition)?.failures ?? 0) + 1
    const waitMs = Math.min(firstWaitMs * 2 ** (failures - 1), waitMsMax)
    this.#streaks.set(partition, { failures, untilMs: this.#clock.monotonicMs() + waitMs })
    return waitMs
  }

  succeeded(partition: string): void {
    this.#streaks.delete(partition)
  }

  leftMs(partition: string): number {
    const { untilMs } = this.#streaks.get(partition) ?? { untilMs: 0 }
    return Math.max(0, untilMs - this.#clock.monotonicMs())
  }
}
