import type { NewCommit } from '../../../shared/events/commit.ts'
import type { EventId } from '../../../shared/kernel/ids.ts'

/** The events of a commit that end something and are no rotation. */
export const revokingEvents = ({ id: { s, v }, events }: NewCommit): readonly EventId[] =>
  events.flatMap(({ type, data }, index) =>
    type === 'TokenRevoked' && data.reason !== 'rotated' ? [`${s}:${v}:${index}` as EventId] : [],
  )

/** As a path of a URL: the first slash and the colons of an id may stand in it as they are. */
const pathOf = (id: EventId): string =>
  `/audit/receipts/${encodeURIComponent(id).replace('%2F', '/').replaceAll('%3A', ':')}`

/** Where an auditor has the receipts of a commit, once the events are signed. */
export const receiptPaths = (commit: NewCommit): readonly string[] =>
  revokingEvents(commit).map(pathOf)
