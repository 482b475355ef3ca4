import type { Topic } from '../../shared/events/log-record.ts'
import type { Clock } from '../../shared/kernel/clock.ts'
import type { LogFields, Logger } from '../../shared/kernel/logger.ts'
import { foreignFleetText } from '../../shared/kernel/logging/foreign-fleet-text.ts'
import { RepeatedTrouble } from '../../shared/kernel/logging/repeated-trouble.ts'
import type { Meter } from '../../shared/metrics/meter.ts'
import type { Projection } from './projection.ts'

/** Somebody counts as writing for this long after the last record. */
const writingMs = 60_000

type Parts = Readonly<{ clock: Clock; logger: Logger; meter?: Meter | null }>

/**
 * Remembers and logs that somebody writes. With wrong settings another fleet writes several records
 * a second, and whoever may write to a topic can write many: no line is repeated for each.
 */
class ForeignWriter {
  readonly #parts: Parts
  readonly #told: RepeatedTrouble
  #met: Readonly<{ text: string; untilMs: number }> | null = null

  constructor(parts: Parts) {
    this.#parts = parts
    this.#told = new RepeatedTrouble(parts.clock)
  }

  text(): string | null {
    return this.#met && this.#parts.clock.monotonicMs() < this.#met.untilMs ? this.#met.text : null
  }

  /** `cause` is what differs from writer to writer. */
  meet(cause: string, text: string, fields: LogFields): void {
    const { clock, logger } = this.#parts
    this.#met = { text, untilMs: clock.monotonicMs() + writingMs }
    const times = this.#told.occurred(cause)
    if (times !== null) logger.error({ ...fields, times }, text)
  }
}

const somebody = 'somebody else writes there'
const whose: Readonly<Record<Topic, string>> = {
  'auth.revocations': somebody,
  'auth.events': `${somebody}, or a gateway too old to sign (CURFEW_UNSIGNED_EVENTS)`,
  'auth.deadletters': somebody,
}

/** Who else writes to the topics: another fleet, or somebody who has no key. */
export class ForeignWriters {
  readonly #foreign: ForeignWriter
  readonly #forged: ForeignWriter
  readonly #meter: Meter | null

  constructor(parts: Parts) {
    this.#foreign = new ForeignWriter(parts)
    this.#forged = new ForeignWriter(parts)
    this.#meter = parts.meter ?? null
  }

  /** The message for health while somebody does; else `null`. */
  text(): string | null {
    return this.#forged.text() ?? this.#foreign.text()
  }

  meet(topic: Topic, { foreign: fleet, forged: count }: Pick<Projection, 'foreign' | 'forged'>) {
    if (fleet !== null) this.#foreign.meet(fleet, foreignFleetText(fleet), { fleet })
    if (count === 0) return
    this.#meter?.count('curfew_forged_records_total', { topic }, count)
    const text = `records of ${topic} have no good MAC, and are parked: ${whose[topic]}`
    this.#forged.meet(topic, text, { topic, count })
  }
}
