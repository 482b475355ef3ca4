import type { Clock } from '../../../shared/kernel/clock.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { Closable } from '../../../shared/kernel/lifecycle.ts'

const tailsMax = 64
/** The most open tails of one person or service, so that others have room. */
const tailsOfOneMax = 8

/** The readers that follow the events at this gateway; `close` ends all of them. */
export class TailReaders implements Closable {
  readonly #stop = new AbortController()
  readonly #max: number
  readonly #maxOfOne: number
  readonly #counts = new Map<string, number>()
  #count = 0
  #last: Promise<unknown> = Promise.resolve()

  constructor(max = tailsMax, maxOfOne = tailsOfOneMax) {
    this.#max = max
    this.#maxOfOne = maxOfOne
  }

  /** Aborts when the gateway stops. */
  get stop(): AbortSignal {
    return this.#stop.signal
  }

  /** Lets one more of `reader` in; what is answered lets it out. @throws AuthError OVERLOADED */
  enter(reader: string): () => void {
    const own = this.#counts.get(reader) ?? 0
    if (this.#stop.signal.aborted || this.#count >= this.#max) {
      throw overloaded(`As many readers follow the events here as may (${this.#max}); try again.`)
    }
    if (own >= this.#maxOfOne) {
      throw overloaded(`You follow the events here as often as you may (${this.#maxOfOne}).`)
    }
    this.#add(reader, 1)
    let isIn = true
    return () => {
      if (isIn) this.#add(reader, -1)
      isIn = false
    }
  }

  /**
   * Looks of readers that catch up, one after another, and as much time between them as each took:
   * thirty that read from the beginning at once kept a gateway from everything else.
   */
  inTurn<T>(clock: Clock, look: () => Promise<T>): Promise<T> {
    const looked = this.#last.then(async () => {
      const beganMs = clock.monotonicMs()
      const found = await look()
      return { found, tookMs: clock.monotonicMs() - beganMs }
    })
    this.#last = looked.then(
      ({ tookMs }) => clock.sleep(tookMs, this.#stop.signal),
      () => {},
    )
    return looked.then(({ found }) => found)
  }

  async close(): Promise<void> {
    this.#stop.abort()
  }

  #add(reader: string, change: 1 | -1): void {
    this.#count += change
    const own = (this.#counts.get(reader) ?? 0) + change
    if (own === 0) this.#counts.delete(reader)
    else this.#counts.set(reader, own)
  }
}

const overloaded = (text: string): AuthError =>
  new AuthError('OVERLOADED', text, { retryAfterMs: 5_000 })
