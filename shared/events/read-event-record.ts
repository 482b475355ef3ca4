import { decodedEvents } from './decoded-record-cache.ts'
import { type Decoded, decodeEvent } from './event-codec.ts'
import { type EventCheck, eventMacProblem } from './event-mac.ts'
import type { RawRecord } from './log-record.ts'

/**
 * An event from a record of `auth.events`, if a gateway of this fleet signed it. Never throws: what
 * is forged or does not decode is parked by the caller. What names another fleet is passed over
 * unchecked, since nobody here has its ring.
 */
export const readEventRecord = (check: EventCheck, raw: RawRecord): Decoded => {
  const made = decodedEvents.of(raw, check.ring)
  if (made) return { ok: true, ...made }
  const problem = eventMacProblem(check, raw)
  return problem === null
    ? decodeEvent(raw, check.ring.fleet)
    : { ok: false, problem, forged: true }
}
