import { type EventCheck, eventMacProblem } from '../../../shared/events/event-mac.ts'
import { otherFleetIn } from '../../../shared/events/fleet-header.ts'
import type { RawRecord } from '../../../shared/events/log-record.ts'

/** Why a record is no event of this fleet: it is in the trail, and is not found by its id. */
export type RecordProblem = Readonly<{ kind: 'forged' | 'foreign'; text: string }>
/** `null` for an event of this fleet, and for what nobody can take for one. */
export type RecordJudge = (record: RawRecord) => RecordProblem | null

/**
 * A record that names another fleet is not excused by it: nobody here can check its MAC, so whoever
 * may write to the topic could give it the id of any event.
 */
export const judgeRecord = (check: EventCheck, record: RawRecord): RecordProblem | null => {
  if (record.unread) return null
  const fleet = otherFleetIn(record, check.ring.fleet)
  if (fleet !== null) return { kind: 'foreign', text: `names the fleet ${fleet}` }
  const problem = eventMacProblem(check, record)
  return problem === null ? null : { kind: 'forged', text: `has ${problem}` }
}
