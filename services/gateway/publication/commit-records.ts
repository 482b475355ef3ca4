import { type Commit, eventIdIn, type NewCommit } from '../../../shared/events/commit.ts'
import {
  encodeRevocation,
  encodeSignedEvent,
  revocationOf,
} from '../../../shared/events/event-codec.ts'
import type { LogRecord } from '../../../shared/events/log-record.ts'
import type { MacRing } from '../../../shared/events/record-mac.ts'
import type { EventId } from '../../../shared/kernel/ids.ts'

export type Encoder = Readonly<{
  source: string
  /** Signs what guards must know. */
  ring: MacRing
  /** Signs `auth.events`: who reads revocations does not hold it, and can forge no history. */
  events: MacRing
}>

export type CommitRecords = Readonly<{
  records: readonly LogRecord[]
  /**
   * Index in `records` and event id of the commit's last revocation; `null` when it has none.
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

/** Then only its revocations are published again, since guards need them; its events are not. */
const wasPublished = (commit: NewCommit | Commit): boolean =>
  'published' in commit && commit.published !== null

const eventRecords = (commit: NewCommit, { source, events: ring }: Encoder): LogRecord[] =>
  commit.events.map((event, index) => {
    const { at, request, personal } = commit
    const id = eventIdIn(commit, index)
    const recorded = {
      ...{ id, at, event },
      ...(request !== undefined && { request }),
      ...(personal !== undefined && { personal }),
    }
    return encodeSignedEvent(source, ring, recorded)
  })

/**
 * The records of one commit, which travel in one produce request: revocations first, then every
 * event. Of a commit that was published before, only the revocations.
 */
export const commitRecords = (commit: NewCommit | Commit, encoder: Encoder): CommitRecords => {
  const revocations = revocationRecords(commit, encoder)
  const events = wasPublished(commit) ? [] : eventRecords(commit, encoder)
  const last = revocations.at(-1)
  return {
    records: [...revocations, ...events],
    revocation: last
      ? { index: revocations.length - 1, id: (last.headers['ce_id'] ?? '') as EventId }
      : null,
  }
}
