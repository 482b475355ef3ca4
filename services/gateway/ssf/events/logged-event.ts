import { againHeader } from '../../../../shared/events/again-header.ts'
import type { RawRecord } from '../../../../shared/events/log-record.ts'
import { readEventRecord } from '../../../../shared/events/read-event-record.ts'
import type { TransmitterDeps } from '../transmitter-deps.ts'

type Deps = Pick<TransmitterDeps, 'events' | 'meter'>

/**
 * The event that a gateway of this fleet wrote there, or `null`. What is forged or does not decode
 * is parked by the projector, and told to no receiver; nor is a copy of what was parked: a logout
 * of then would end the sessions of now.
 */
export const loggedEvent = ({ events, meter }: Deps, raw: RawRecord) => {
  if (raw.headers[againHeader] !== undefined) return null
  const read = readEventRecord(events, raw)
  if (read.ok) return read
  if (read.forged) meter?.count('curfew_forged_records_total', { topic: raw.topic })
  return null
}
