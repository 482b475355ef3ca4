import type { Clock } from '../../../shared/kernel/clock.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'

/**
 * Crystal oscillators of servers drift less; what passes since the last tick adds this share of
 * doubt.
 */
const driftShare = 0.0005

/** Clocks of store, gateway and guard may differ by this much; more makes a gateway not ready. */
export const maxClockErrorMs = 1_000

/**
 * The gateway's `now`: the store's clock, followed at each tick and carried on by a monotonic clock
 * in between, so a host whose wall clock is wrong, or jumps, decides nothing wrongly.
 */
export class StoreClock {
  readonly #clock: Clock
  #seen: Readonly<{ t: number; mono: number; halfTripMs: number }> | undefined
  #last = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** `t` was read from the store between two instants of the monotonic clock. */
  observe(t: EpochMs, sentMs: number, receivedMs: number): void {
    const halfTripMs = (receivedMs - sentMs) / 2
    // One slow tick knows less than the last good one does by now.
    if (halfTripMs > this.errorMs()) return
    this.#seen = { t, mono: sentMs + halfTripMs, halfTripMs }
  }

  /**
   * Never goes back from the first tick on. Until then the host's clock: nothing is decided before
   * it (`errorMs`), and nothing of it is kept. It once was: a gateway that was asked while it still
   * waited for its store, on a host two hours ahead, then took good tokens for expired for two
   * hours.
   */
  now(): EpochMs {
    if (!this.#seen) return this.#clock.now()
    const estimate = Math.round(this.#seen.t + this.#clock.monotonicMs() - this.#seen.mono)
    this.#last = Math.max(this.#last, estimate)
    return this.#last as EpochMs
  }

  /** How wrong `now` may be, in ms; above `MAX_CLOCK_ERROR` the gateway is not ready. */
  errorMs(): number {
    if (!this.#seen) return Number.POSITIVE_INFINITY
    const ageMs = this.#clock.monotonicMs() - this.#seen.mono
    return this.#seen.halfTripMs + ageMs * driftShare
  }
}
