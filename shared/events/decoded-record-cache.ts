import type { EpochMs, EventId } from '../kernel/ids.ts'
import type { AuthEvent } from './event.ts'
import type { MacRing } from './record-mac.ts'
import type { Revocation } from './revocation-record.ts'

/** An event with what the store knows of it. */
export type Recorded = Readonly<{
  id: EventId
  at: EpochMs
  event: AuthEvent
  /** The id of the request that appended its commit. */
  request?: string
  /** What its commit says of persons, sealed. */
  personal?: string
}>

/**
 * What this process put into a record and signed, by the record itself. Readers of this process
 * that get the record from its memory need neither verify nor decode it: that took 15 µs for each
 * reader. A copy of a record, one that came from anywhere else, and one that another ring signed
 * are not known here, so they are verified.
 */
class DecodedRecordCache<What> {
  readonly #made = new WeakMap<object, Readonly<{ ring: MacRing; what: What }>>()

  note(record: object, ring: MacRing, what: What): void {
    this.#made.set(record, { ring, what })
  }

  /** `null` when `record` was not made here, under this ring. */
  of(record: object, ring: MacRing): What | null {
    const made = this.#made.get(record)
    return made?.ring === ring ? made.what : null
  }

  /** The same record in another form, of which the caller answers that it says the same. */
  carry(from: object, to: object): void {
    const made = this.#made.get(from)
    if (made) this.#made.set(to, made)
  }
}

export const decodedEvents = new DecodedRecordCache<Recorded>()
export const decodedRevocations = new DecodedRecordCache<
  Readonly<{ id: EventId; revocation: Revocation }>
>()

export const carryDecoded = (from: object, to: object): void => {
  decodedEvents.carry(from, to)
  decodedRevocations.carry(from, to)
}
