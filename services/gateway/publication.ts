import { encodeEvent, encodeRevocation, revocationOf } from '../../shared/events/codec.ts'
import { eventIdIn, type NewCommit } from '../../shared/events/commit.ts'
import type { MacRing } from '../../shared/events/mac.ts'
import type { LogRecord } from '../../shared/events/record.ts'
import type { EventId } from '../../shared/kernel/ids.ts'

export type Encoder = Readonly<{ source: string; ring: MacRing }>

export type CommitRecords = Readonly<{
  records: readonly LogRecord[]
  /**
   * Index in `records` and event id of the commit's last revocation; `null` when guards need not
   * hear of it.
   */
  revocation: Readonly<{ index: number; id: EventId }> | null
}>

const revocationRecords = (commit: NewCommit, { source, ring }: Encoder): LogRecord[] =>
  commit.events.flatMap((event, index) => {
    const revocation = event.type === 'TokenRevoked' ? revocationOf(event) : null
    if (event.type !== 'TokenRevoked' || !revocation) return []
    const recorded = { id: eventIdIn(commit, index), at: commit.at, event }
    return [encodeRevocation(source, ring, recorded, revocation)]
  })

/**
 * Everything that one commit publishes, for one produce request: revocations first, then every
 * event.
 */
export const recordsOf = (commit: NewCommit, encoder: Encoder): CommitRecords => {
  const revocations = revocationRecords(commit, encoder)
  const events = commit.events.map((event, index) =>
    encodeEvent(
      encoder.source,
      { id: eventIdIn(commit, index), at: commit.at, event },
      encoder.ring.fleet,
    ),
  )
  const last = revocations.at(-1)
  return {
    records: [...revocations, ...events],
    revocation: last
      ? { index: revocations.length - 1, id: (last.headers['ce_id'] ?? '') as EventId }
      : null,
  }
}

/** Only what guards must hear again when the log forgot it. */
export const revocationsOf = (commit: NewCommit, encoder: Encoder): readonly LogRecord[] =>
  revocationRecords(commit, encoder)
