import type { Clock } from '../../shared/kernel/clock.ts'
import type { Logger } from '../../shared/kernel/logger.ts'
import { foreignFleetText } from '../../shared/kernel/logging/foreign-fleet-text.ts'
import { RepeatedTrouble } from '../../shared/kernel/logging/repeated-trouble.ts'

/** Another fleet counts as writing for this long after its last record. */
const foreignMs = 60_000

/**
 * Remembers and logs that another fleet writes to the same topics. With wrong settings it writes
 * several records a second, so the log line is not repeated for each.
 */
export class ForeignFleet {
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #told: RepeatedTrouble
  #met: Readonly<{ text: string; untilMs: number }> | null = null

  constructor({ clock, logger }: Readonly<{ clock: Clock; logger: Logger }>) {
    this.#clock = clock
    this.#logger = logger
    this.#told = new RepeatedTrouble(clock)
  }

  /** The message for health while the other fleet writes; else `null`. */
  text(): string | null {
    return this.#met && this.#clock.monotonicMs() < this.#met.untilMs ? this.#met.text : null
  }

  meet(fleet: string | null): void {
    if (fleet === null) return
    const text = foreignFleetText(fleet)
    this.#met = { text, untilMs: this.#clock.monotonicMs() + foreignMs }
    const times = this.#told.occurred(fleet)
    if (times !== null) this.#logger.error({ fleet, times }, text)
  }
}
