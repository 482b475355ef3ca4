import type { Clock } from '../../kernel/clock.ts'
import { isAuthError } from '../../kernel/errors.ts'
import { foreignFleetText } from '../../kernel/logging/foreign-fleet-text.ts'
import { RepeatedTrouble } from '../../kernel/logging/repeated-trouble.ts'
import { errorWithCauses, type OnAlarm } from '../api/alarm.ts'

/** What a feed has trouble with, raised as alarms: at once, and then once a minute. */
export class FeedAlarms {
  readonly #onAlarm: OnAlarm
  readonly #foreign: RepeatedTrouble
  readonly #troubles: RepeatedTrouble
  #current: string | null = null

  constructor(clock: Clock, onAlarm: OnAlarm) {
    this.#onAlarm = onAlarm
    this.#foreign = new RepeatedTrouble(clock)
    this.#troubles = new RepeatedTrouble(clock)
  }

  /** What the feed said last, until it tells something. */
  get current(): string | null {
    return this.#current
  }

  /** `opening`, whose failure its caller hears of, and a health page too. */
  async watchOpening(opening: Promise<void>): Promise<void> {
    try {
      await opening
    } catch (error) {
      this.#current = errorWithCauses(error)
      throw error
    }
  }

  raise(error: Error): void {
    const detail = errorWithCauses(error)
    this.#current = detail
    if (this.#troubles.occurred(detail) === null) return
    const isOfImage = isAuthError(error, 'IMAGE_REFUSED')
    this.#onAlarm({ kind: isOfImage ? 'image_refused' : 'feed_trouble', detail })
  }

  /** It writes a closed time several times a second. */
  raiseForeignFleet(fleet: string): void {
    if (this.#foreign.occurred(fleet) === null) return
    this.#onAlarm({ kind: 'foreign_record', detail: foreignFleetText(fleet) })
  }

  clear(): void {
    this.#current = null
    this.#troubles.ended()
  }
}
