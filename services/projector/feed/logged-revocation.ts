import type { Revocation } from '../../../shared/events/revocation-record.ts'
import type { RevocationTuple } from '../../../shared/guard/feed-protocol/index.ts'
import type { EventId } from '../../../shared/kernel/ids.ts'

export type LoggedRevocation = Readonly<{ revocation: Revocation; id: EventId; offset: number }>

/** A revocation as it is sent. */
export const tupleOf = ({ revocation, id, offset }: LoggedRevocation): string => {
  const { key, cutoff, expiresAt, reason, revokedAt } = revocation
  const tuple: RevocationTuple = [key, cutoff, expiresAt, reason, revokedAt, id, offset]
  return JSON.stringify(tuple)
}
