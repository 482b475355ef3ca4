import type { Topic } from '../../shared/events/log-record.ts'
import type { Clock } from '../../shared/kernel/clock.ts'
import type { Logger } from '../../shared/kernel/logger.ts'
import type { Meter } from '../../shared/metrics/meter.ts'
import { ForeignFleet } from './foreign-fleet.ts'
import { ForgedRecords } from './forged-records.ts'
import type { Projection } from './project-revocations.ts'

type Parts = Readonly<{ clock: Clock; logger: Logger; meter?: Meter | null }>

/** Who else writes to the topics: another fleet, or somebody who has no key. */
export class OtherWriters {
  readonly #foreign: ForeignFleet
  readonly #forged: ForgedRecords

  constructor(parts: Parts) {
    this.#foreign = new ForeignFleet(parts)
    this.#forged = new ForgedRecords(parts)
  }

  /** The message for health while somebody does; else `null`. */
  text(): string | null {
    return this.#forged.text() ?? this.#foreign.text()
  }

  meet(topic: Topic, { foreign, forged }: Pick<Projection, 'foreign' | 'forged'>): void {
    this.#foreign.meet(foreign)
    this.#forged.meet(topic, forged)
  }
}
