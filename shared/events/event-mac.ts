import { otherFleetIn } from './fleet-header.ts'
import { type RawRecord, textOf } from './log-record.ts'
import { hasValidMac, type MacRing, macHeader } from './record-mac.ts'

/** What becomes of an event without a MAC. */
export const unsignedEvents = ['park', 'accept'] as const

/** How a reader of `auth.events` tells that a gateway of its fleet wrote an event. */
export type EventCheck = Readonly<{
  /** The ring of `auth.events`, with the fleet whose events are wanted. */
  ring: MacRing
  /** `accept` as long as gateways run that are too old to sign events. */
  unsigned: (typeof unsignedEvents)[number]
}>

/** Why an event is not signed by this fleet; `null` when it is, or claims to be of another one. */
export const eventMacProblem = ({ ring, unsigned }: EventCheck, raw: RawRecord): string | null => {
  if (raw.unread || otherFleetIn(raw, ring.fleet) !== null) return null
  const { topic, headers, value } = raw
  if (headers[macHeader] === undefined) return unsigned === 'accept' ? null : 'no MAC'
  const covered = { topic, key: textOf(raw.key), headers, value: value ?? '' }
  return hasValidMac(ring, covered) ? null : 'bad MAC'
}
