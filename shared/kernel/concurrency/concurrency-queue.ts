import { AuthError } from '../errors.ts'

type Options = Readonly<{
  runningMax: number
  waitingMax: number
  /** Said to whoever finds the line full. */
  refusal: string
}>

/** Heavy work, so much of it at once; a flood waits in line, and beyond the line is refused. */
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
      // A slot is handed on, not given back: nobody can take it in between.
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running -= 1
    }
  }
}
