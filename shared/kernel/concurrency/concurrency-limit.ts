import { AuthError } from '../errors.ts'

/**
 * Runs at most so many pieces of work at once. It refuses what comes beyond that; nothing waits.
 */
export class ConcurrencyLimit {
  readonly #max: number
  readonly #what: string
  #running = 0

  /** `what` names the work in the refusal, such as `claims hooks`. */
  constructor(max: number, what: string) {
    this.#max = max
    this.#what = what
  }

  /** @throws AuthError OVERLOADED, before `work` begins. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#max) {
      throw new AuthError('OVERLOADED', `too many ${this.#what} at once`, { retryAfterMs: 1_000 })
    }
    this.#running += 1
    try {
      return await work()
    } finally {
      this.#running -= 1
    }
  }
}
