import { termsOfRecorded } from '../../../shared/events/audit-terms.ts'
import type { EventCheck } from '../../../shared/events/event-mac.ts'
import { readEventRecord } from '../../../shared/events/event-reader.ts'
import type { RawRecord } from '../../../shared/events/log-record.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { IndexedEvent } from '../../../shared/ports/audit-index.ts'

/** Where an event stands that an older version wrote without its time. */
const timeless = 0 as EpochMs

/**
 * The events among these records. What nobody of this fleet signed, and what does not decode, is
 * left out: the trail has it, and alarms.
 */
export const indexedRecords = (
  check: EventCheck,
  records: readonly RawRecord[],
): readonly IndexedEvent[] =>
  records.flatMap((record) => {
    const read = readEventRecord(check, record)
    if (!read.ok) return []
    return [{ at: read.at ?? timeless, terms: termsOfRecorded(read), record }]
  })
