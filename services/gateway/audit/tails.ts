import { AuthError } from '../../../shared/kernel/errors.ts'
import type { Closable } from '../../../shared/kernel/lifecycle.ts'

const tailsMax = 64

/** The readers that follow the events at this gateway; `close` ends all of them. */
export class Tails implements Closable {
  readonly #stop = new AbortController()
  readonly #max: number
  #count = 0

  constructor(max = tailsMax) {
    this.#max = max
  }

  /** Aborts when the gateway stops. */
  get stop(): AbortSignal {
    return this.#stop.signal
  }

  /** Lets one more in; what is answered lets it out again. @throws AuthError OVERLOADED */
  enter(): () => void {
    if (this.#stop.signal.aborted || this.#count >= this.#max) {
      const text = `As many readers follow the events here as may (${this.#max}); try again.`
      throw new AuthError('OVERLOADED', text, { retryAfterMs: 5_000 })
    }
    this.#count += 1
    let isIn = true
    return () => {
      if (isIn) this.#count -= 1
      isIn = false
    }
  }

  async close(): Promise<void> {
    this.#stop.abort()
  }
}
