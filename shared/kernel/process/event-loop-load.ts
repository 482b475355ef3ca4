import { performance } from 'node:perf_hooks'
import type { Clock } from '../clock.ts'

/** Shorter, and one long turn of the event loop would count for a load. */
const windowMs = 100

/** The share of the time since `before` in which the event loop was not idle, 0 to 1. */
export type Utilization = () => number

/** How busy this thread's event loop was since the last call. */
export const ownUtilization = (): Utilization => {
  let before = performance.eventLoopUtilization()
  return () => {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, before)
    before = now
    return utilization
  }
}

/**
 * Whether a thread has its hands full: what could wait should. It looks when it is asked, at most
 * ten times a second, so it costs nothing while nobody asks. The first answer after a pause is of
 * all that time.
 */
export class EventLoopLoad {
  readonly #clock: Clock
  readonly #busyFrom: number
  readonly #utilization: Utilization
  #lookedMs: number
  #isBusy = false

  /** It is busy from `busyFrom` on, 0 to 1. */
  constructor(clock: Clock, busyFrom: number, utilization: Utilization = ownUtilization()) {
    this.#clock = clock
    this.#busyFrom = busyFrom
    this.#utilization = utilization
    this.#lookedMs = clock.monotonicMs()
  }

  isBusy(): boolean {
    const nowMs = this.#clock.monotonicMs()
    if (nowMs - this.#lookedMs < windowMs) return this.#isBusy
    this.#lookedMs = nowMs
    this.#isBusy = this.#utilization() >= this.#busyFrom
    return this.#isBusy
  }
}
