import { termsOfRecorded } from '../../../shared/events/audit-terms.ts'
import type { Decoded } from '../../../shared/events/event-codec.ts'
import type { EventCheck } from '../../../shared/events/event-mac.ts'
import type { RawRecord } from '../../../shared/events/log-record.ts'
import { readEventRecord } from '../../../shared/events/read-event-record.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { IndexedEvent } from '../../../shared/ports/audit-index.ts'

/** Where an event stands that an older version wrote without its time. */
const timeless = 0 as EpochMs

/** A record with the event that it is. */
export type ReadRecord = Readonly<{
  record: RawRecord
  read: Extract<Decoded, { ok: true }>
}>

/**
 * The events among these records. What nobody of this fleet signed, and what does not decode, is
 * left out: the trail has it, and alarms.
 */
export const readRecords = (
  check: EventCheck,
  records: readonly RawRecord[],
): readonly ReadRecord[] =>
  records.flatMap((record) => {
    const read = readEventRecord(check, record)
    return read.ok ? [{ record, read }] : []
  })

/** By what they are found. */
export const indexedRecords = (records: readonly ReadRecord[]): readonly IndexedEvent[] =>
  records.map(({ record, read }) => ({
    ...{ at: read.at ?? timeless, terms: termsOfRecorded(read), record },
  }))
