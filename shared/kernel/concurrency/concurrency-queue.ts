import { AuthError } from '../errors.ts'

type Options = Readonly<{
  runningMax: number
  waitingMax: number
  /** The message of the refusal when the queue is full. */
  refusal: string
}>

/**
 * Runs heavy work, at most `runningMax` pieces at once. Up to `waitingMax` more wait in a queue,
 * first come first served; work beyond that is refused.
 */
export class ConcurrencyQueue {
  readonly #options: Options
  #running = 0
  readonly #waiting: (() => void)[] = []

  constructor(options: Options) {
    this.#options = options
  }

  /** @throws AuthError OVERLOADED */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const { runningMax, waitingMax, refusal } = this.#options
    if (this.#running >= runningMax) {
      if (this.#waiting.length >= waitingMax) {
        throw new AuthError('OVERLOADED', refusal, { retryAfterMs: 1_000 })
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    } else this.#running += 1
    try {
      return await work()
    } finally {
      // The place goes straight to the next in the queue, so nobody can take it in between.
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running -= 1
    }
  }
}
