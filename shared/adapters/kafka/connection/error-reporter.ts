import { setInBoundedMap } from '../../../kernel/bounded-map.ts'
import type { Clock } from '../../../kernel/clock.ts'

const againMs = 60_000
const quietMs = 5_000
const causesMax = 32

/** Ports, offsets and times differ from one try to the next; the cause is the same. */
const causeOf = ({ message }: Error): string => message.replaceAll(/\d+/g, '#')

/**
 * Tells of trouble that goes on and on: each cause when it first shows, and again a minute later
 * while it lasts.
 */
export class ErrorReporter {
  readonly #clock: Clock
  readonly #tell: (error: Error) => void
  readonly #toldAt = new Map<string, number>()
  #lastAt = 0

  constructor(clock: Clock, tell: (error: Error) => void) {
    this.#clock = clock
    this.#tell = tell
  }

  report(error: Error): void {
    const now = this.#clock.monotonicMs()
    this.#lastAt = now
    const cause = causeOf(error)
    const told = this.#toldAt.get(cause)
    if (told !== undefined && now - told < againMs) return
    setInBoundedMap(this.#toldAt, cause, now, causesMax)
    this.#tell(error)
  }

  /** It works: what fails after this is told anew, unless it failed a moment ago. */
  recovered(): void {
    if (this.#clock.monotonicMs() - this.#lastAt >= quietMs) this.#toldAt.clear()
  }
}
