import { systemClock } from '../../../shared/kernel/clock.ts'

/** What was done and seen, with the seconds since the beginning; the first violation is kept. */
export class Chronicle {
  readonly #startedMs = systemClock.monotonicMs()
  readonly #lines: string[] = []
  readonly #tell: (line: string) => void
  #violation: string | null = null

  constructor(tell: (line: string) => void = () => {}) {
    this.#tell = tell
  }

  get seconds(): number {
    return (systemClock.monotonicMs() - this.#startedMs) / 1_000
  }

  get violation(): string | null {
    return this.#violation
  }

  note(said: string): void {
    const line = `${this.seconds.toFixed(2).padStart(8)} s  ${said}`
    this.#lines.push(line)
    this.#tell(line)
  }

  readonly onViolation = (said: string): void => {
    this.#violation ??= said
    this.note(`VIOLATION: ${said}`)
  }

  /** The end of the story, which is what led to it. */
  tail(count = 80): string {
    return this.#lines.slice(-count).join('\n')
  }
}
