import type { Clock } from '../../../shared/kernel/clock.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'

/** The error grows by this share of the time since the last tick; oscillators drift by less. */
const driftShare = 0.0005

/** Clocks of store, gateway and guard may differ by this; with more a gateway is not ready. */
export const maxClockErrorMs = 1_000

/**
 * The gateway's `now`: the store's clock, read at each tick, plus what the monotonic clock counted
 * since. A host whose wall clock is wrong, or jumps, therefore decides nothing wrongly.
 */
export class StoreClock {
  readonly #clock: Clock
  #lastTick: Readonly<{ t: number; mono: number; halfTripMs: number }> | undefined
  #last = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** `t` was read from the store between two instants of the monotonic clock. */
  observe(t: EpochMs, sentMs: number, receivedMs: number): void {
    const halfTripMs = (receivedMs - sentMs) / 2
    // A slow tick is less exact than the last good one still is.
    if (halfTripMs > this.errorMs()) return
    this.#lastTick = { t, mono: sentMs + halfTripMs, halfTripMs }
  }

  /**
   * Never goes back after the first tick. Before the first tick it is the host's clock; nothing is
   * decided then (`errorMs` is infinite), and the value is not remembered. It once was remembered:
   * a gateway on a host two hours ahead was asked while it waited for its store, and took good
   * tokens for expired for two hours.
   */
  now(): EpochMs {
    if (!this.#lastTick) return this.#clock.now()
    const estimate = Math.round(this.#lastTick.t + this.#clock.monotonicMs() - this.#lastTick.mono)
    this.#last = Math.max(this.#last, estimate)
    return this.#last as EpochMs
  }

  /** How wrong `now` may be, in ms; above `MAX_CLOCK_ERROR` the gateway is not ready. */
  errorMs(): number {
    if (!this.#lastTick) return Number.POSITIVE_INFINITY
    const ageMs = this.#clock.monotonicMs() - this.#lastTick.mono
    return this.#lastTick.halfTripMs + ageMs * driftShare
  }
}
