import type { Clock } from '../../shared/kernel/clock.ts'
import { foreignFleetText } from '../../shared/kernel/foreign-fleet-text.ts'
import type { Logger } from '../../shared/kernel/logger.ts'
import { ToldOnce } from '../../shared/kernel/told-once.ts'

/** How long after its last record another fleet counts as writing. */
const foreignMs = 60_000

/** Another fleet whose records come by: it writes several a second while its settings are wrong. */
export class ForeignFleet {
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #told: ToldOnce
  #met: Readonly<{ text: string; untilMs: number }> | null = null

  constructor({ clock, logger }: Readonly<{ clock: Clock; logger: Logger }>) {
    this.#clock = clock
    this.#logger = logger
    this.#told = new ToldOnce(clock)
  }

  /** What is wrong, while it is. */
  text(): string | null {
    return this.#met && this.#clock.monotonicMs() < this.#met.untilMs ? this.#met.text : null
  }

  meet(fleet: string | null): void {
    if (fleet === null) return
    const text = foreignFleetText(fleet)
    this.#met = { text, untilMs: this.#clock.monotonicMs() + foreignMs }
    const times = this.#told.met(fleet)
    if (times !== null) this.#logger.error({ fleet, times }, text)
  }
}
