import type { SessionEntry, SessionUse } from '../events/session-entry.ts'
import { sessionStream } from '../kernel/ids.ts'
import type { SessionList } from '../ports/session-list.ts'
import type { EventOpener, SealedOrigin } from './event-opener.ts'

const sealedUse = ({ sid, sub }: SessionEntry, use: SessionUse | null): SealedOrigin => ({
  commit: `${sessionStream(sid)}:${use?.version ?? 0}`,
  sub,
  personal: use?.personal,
})

const openEntries = async (
  opener: EventOpener,
  entries: readonly SessionEntry[],
): Promise<readonly SessionEntry[]> => {
  const uses = entries.flatMap((entry) => [
    sealedUse(entry, entry.first),
    sealedUse(entry, entry.last),
  ])
  const origins = await opener.openOrigins(uses)
  const opened = (use: SessionUse | null, at: number): SessionUse | null => {
    if (use?.personal === undefined) return use
    const { personal, ...shown } = use
    return { ...shown, ...origins[at] }
  }
  return entries.map((entry, index) => ({
    ...entry,
    first: opened(entry.first, 2 * index),
    last: opened(entry.last, 2 * index + 1),
  }))
}

/** The same list, which shows from where sessions were used, of everybody who was not erased. */
export const openedSessionList = (list: SessionList, opener: EventOpener): SessionList => ({
  fold: (entries) => list.fold(entries),
  sweep: (at, limit) => list.sweep(at, limit),
  close: () => list.close(),
  page: async (sub, after, limit) => openEntries(opener, await list.page(sub, after, limit)),
})
