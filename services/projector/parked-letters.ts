import type { Topic } from '../../shared/events/log-record.ts'
import type { Logger } from '../../shared/kernel/logger.ts'
import type { EventLog, Partition } from '../../shared/ports/event-log.ts'
import { partitionName } from './partition-name.ts'
import type { DeadLetter } from './projection.ts'
import { publishDeadLetters } from './publish-dead-letters.ts'

type Parts = Readonly<{ log: Pick<EventLog, 'publish'>; logger: Logger }>

/** Parks what cannot be used, and nothing twice when a batch is repeated. */
export class ParkedLetters {
  readonly #parts: Parts
  /** The greatest parked offset, by partition. */
  readonly #parked = new Map<string, number>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async park(place: Partition, letters: readonly DeadLetter[]): Promise<void> {
    const name = partitionName(place)
    const parked = this.#parked.get(name) ?? -1
    const fresh = letters.filter(({ offset }) => offset > parked)
    if (fresh.length === 0) return
    const { topic } = place
    this.#parts.logger.error({ topic, count: fresh.length }, 'records parked as dead letters')
    await publishDeadLetters(this.#parts, fresh, (offset) => this.#parked.set(name, offset))
  }

  /** The topic begins anew: so do its offsets. */
  forget(topic: Topic): void {
    for (const name of [...this.#parked.keys()]) {
      if (name.startsWith(`${topic}/`)) this.#parked.delete(name)
    }
  }
}
