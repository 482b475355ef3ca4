import type { Commit } from '../../../shared/events/commit.ts'
import type { LogId, RevocationKey } from '../../../shared/kernel/ids.ts'

/** Revocations in force whose records were deleted from the beginning of the log. */
export type DeletedRevocations = Readonly<{
  count: number
  /** The offset at which the log begins now. */
  start: number
  /** The lowest and the highest offset that they had. */
  from: number
  to: number
  /** The first 20 of their keys. */
  keys: readonly RevocationKey[]
}>

const keysMax = 20

const keysOf = ({ events }: Commit): readonly RevocationKey[] =>
  events.flatMap((event) =>
    event.type === 'TokenRevoked' && event.data.reason !== 'rotated' ? [event.data.key] : [],
  )

/** Which revocations in force this log had and has no more: below its start. Pure. */
export const deletedRevocations = (
  inForce: readonly Commit[],
  logId: LogId | null,
  start: number,
): DeletedRevocations | null => {
  const deleted = inForce.filter(({ published }) => published !== null && published.logId === logId)
  const offsets = deleted.flatMap(({ published }) => published?.offset ?? [])
  if (offsets.length === 0) return null
  return {
    count: deleted.length,
    start,
    from: Math.min(...offsets),
    to: Math.max(...offsets),
    keys: deleted.flatMap(keysOf).slice(0, keysMax),
  }
}
