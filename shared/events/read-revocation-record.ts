import type { EventId } from '../kernel/ids.ts'
import { decodedRevocations } from './decoded-record-cache.ts'
import { otherFleetOf } from './fleet-header.ts'
import { type RawRecord, textOf } from './log-record.ts'
import { hasValidMac, type MacRing } from './record-mac.ts'
import { decodeClosedTime, decodeRevocation, type RevocationItem } from './revocation-record.ts'

export const revocationType = 'curfew.Revocation'
export const closedTimeType = 'curfew.ClosedTime'

/** What one record of `auth.revocations` says. Never throws, whatever the bytes are. */
export const readRevocationRecord = (ring: MacRing, raw: RawRecord): RevocationItem => {
  const { offset, headers, topic, unread } = raw
  const made = decodedRevocations.of(raw, ring)
  if (made) return { kind: 'revocation', offset, ...made }
  if (unread) return { kind: unread.mayBeOurs ? 'unreadable' : 'forged', offset }
  const value = textOf(raw.value)
  const covered = { topic, key: textOf(raw.key), headers, value }
  if (!hasValidMac(ring, covered)) {
    const fleet = otherFleetOf(ring, raw)
    return fleet === null ? { kind: 'forged', offset } : { kind: 'foreign', offset, fleet }
  }
  if (headers['ce_type'] === closedTimeType) {
    const closed = decodeClosedTime(value)
    return closed ? { kind: 'closed', offset, closed } : { kind: 'unreadable', offset }
  }
  const known =
    headers['ce_type'] === revocationType &&
    headers['ce_dataschema'] === `urn:curfew:schema:${revocationType}:1`
  const revocation = known ? decodeRevocation(value) : null
  const id = headers['ce_id']
  return revocation && id !== undefined && revocation.key === covered.key
    ? { kind: 'revocation', offset, id: id as EventId, revocation }
    : { kind: 'unreadable', offset }
}
