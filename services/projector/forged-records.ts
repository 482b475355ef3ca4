import type { Topic } from '../../shared/events/log-record.ts'
import type { Clock } from '../../shared/kernel/clock.ts'
import type { Logger } from '../../shared/kernel/logger.ts'
import { RepeatedTrouble } from '../../shared/kernel/logging/repeated-trouble.ts'
import type { Meter } from '../../shared/metrics/meter.ts'

/** Somebody counts as writing for this long after the last record. */
const forgedMs = 60_000

type Parts = Readonly<{ clock: Clock; logger: Logger; meter?: Meter | null }>

/**
 * Remembers, logs and counts records that no gateway of this fleet signed. The log line is not
 * repeated for each: whoever may write to a topic can write many.
 */
export class ForgedRecords {
  readonly #parts: Parts
  readonly #told: RepeatedTrouble
  #met: Readonly<{ text: string; untilMs: number }> | null = null

  constructor(parts: Parts) {
    this.#parts = parts
    this.#told = new RepeatedTrouble(parts.clock)
  }

  /** The message for health while somebody writes such records; else `null`. */
  text(): string | null {
    return this.#met && this.#parts.clock.monotonicMs() < this.#met.untilMs ? this.#met.text : null
  }

  meet(topic: Topic, count: number): void {
    if (count === 0) return
    const { clock, logger, meter } = this.#parts
    const text = `records of ${topic} have no good MAC, and are parked: ${whose[topic]}`
    this.#met = { text, untilMs: clock.monotonicMs() + forgedMs }
    meter?.count('curfew_forged_records_total', { topic }, count)
    const times = this.#told.occurred(topic)
    if (times !== null) logger.error({ topic, count, times }, text)
  }
}

const somebody = 'somebody else writes there'
const whose: Readonly<Record<Topic, string>> = {
  'auth.revocations': somebody,
  'auth.events': `${somebody}, or a gateway too old to sign (CURFEW_UNSIGNED_EVENTS)`,
  'auth.deadletters': somebody,
}
