import type { Commit } from '../../../shared/events/commit.ts'
import type { LogId, RevocationKey } from '../../../shared/kernel/ids.ts'

/** Revocations in force whose records somebody deleted from the beginning of the log. */
export type DeletedRevocations = Readonly<{
  count: number
  /** Where the log begins now. */
  start: number
  /** Where the lowest and the highest of them lay. */
  from: number
  to: number
  /** Whom they are about: some of them, of each kind of key. */
  keys: readonly RevocationKey[]
}>

const keysMax = 20

const keysOf = ({ events }: Commit): readonly RevocationKey[] =>
  events.flatMap((event) =>
    event.type === 'TokenRevoked' && event.data.reason !== 'rotated' ? [event.data.key] : [],
  )

/** What of `due` was published in this log and lies below its start; `null` if nothing. Pure. */
export const deletedRevocations = (
  due: readonly Commit[],
  logId: LogId | null,
  start: number,
): DeletedRevocations | null => {
  const gone = due.filter(({ published }) => published !== null && published.logId === logId)
  const offsets = gone.flatMap(({ published }) => published?.offset ?? [])
  if (offsets.length === 0) return null
  return {
    count: gone.length,
    start,
    from: Math.min(...offsets),
    to: Math.max(...offsets),
    keys: gone.flatMap(keysOf).slice(0, keysMax),
  }
}
