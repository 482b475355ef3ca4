import type { RawRecord } from '../../../shared/events/log-record.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { AuditIndex, IndexedEvent, Lane } from '../../../shared/ports/audit-index.ts'

export const idOfRecord = ({ headers }: RawRecord): string | null => headers['ce_id'] ?? null

/** How far the lane was read, and where the log ends. */
type Read = Readonly<{ next: number; lastId: string | null; end: number }>

/** What was read of one lane and is not written yet. */
export class LaneBuffer {
  readonly #lane: number
  readonly #events: IndexedEvent[] = []
  #next: number
  #lastId: string | null
  #written: number
  #end: number

  constructor({ lane, next, lastId }: Lane) {
    this.#lane = lane
    this.#next = next
    this.#lastId = lastId
    this.#written = next
    this.#end = next
  }

  /** The next offset to be read. */
  get next(): number {
    return this.#next
  }

  /** How many records of the log are not in the index. */
  get behind(): number {
    return this.#end - this.#written
  }

  get waiting(): number {
    return this.#events.length
  }

  add(events: readonly IndexedEvent[], { next, lastId, end }: Read): void {
    this.#events.push(...events)
    this.#next = next
    this.#lastId = lastId
    this.#end = end
  }

  /** The oldest `max` at most. What fails stays, and is written the next time. */
  async write(index: AuditIndex, max: number): Promise<void> {
    if (this.#written === this.#next) return
    const events = this.#events.slice(0, max)
    const last = events.length < this.#events.length ? events.at(-1)?.record : undefined
    const next = last ? last.offset + 1 : this.#next
    const lastId = last ? idOfRecord(last) : this.#lastId
    await index.add({ lane: this.#lane, events, next, lastId })
    this.#events.splice(0, events.length)
    this.#written = next
  }

  /** That the log ended at `end` at this instant: is all of it written, the index is told so. */
  async noteEnd(index: AuditIndex, end: number, through: EpochMs): Promise<void> {
    if (this.#written !== this.#next || end !== this.#written) return
    const [lane, next, lastId] = [this.#lane, this.#next, this.#lastId]
    await index.add({ lane, events: [], next, lastId, through })
  }
}
