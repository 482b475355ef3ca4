import type { Clock } from '../../shared/kernel/clock.ts'
import type { Logger } from '../../shared/kernel/logger.ts'
import { foreignFleetText } from '../../shared/kernel/logging/foreign-fleet-text.ts'
import { RepeatedTrouble } from '../../shared/kernel/logging/repeated-trouble.ts'

/** How long after its last record another fleet counts as writing. */
const foreignMs = 60_000

/** Another fleet whose records come by: it writes several a second while its settings are wrong. */
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

  /** What is wrong, while it is. */
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
