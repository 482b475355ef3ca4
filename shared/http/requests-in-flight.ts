import type { ServerResponse } from 'node:http'
import type { Clock } from '../kernel/clock.ts'
import { onResponseOver } from '../kernel/http/response-end.ts'

const recentMs = 1_000

/** Requests of a server whose answers have not left yet. */
export class RequestsInFlight {
  readonly #clock: Clock
  /** When each began. */
  readonly #open = new Map<ServerResponse, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(response: ServerResponse): void {
    this.#open.set(response, this.#clock.monotonicMs())
    onResponseOver(response, () => this.#open.delete(response))
  }

  responses(): Iterable<ServerResponse> {
    return this.#open.keys()
  }

  /** How many came within the last second: a stream is open for hours, and waits for nothing. */
  recent(): number {
    const fromMs = this.#clock.monotonicMs() - recentMs
    let count = 0
    for (const beganMs of this.#open.values()) if (beganMs > fromMs) count += 1
    return count
  }
}
