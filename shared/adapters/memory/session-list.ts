import { mergeSession, type SessionEntry } from '../../events/session-entry.ts'
import type { SessionId } from '../../kernel/ids.ts'
import type { SessionCursor, SessionList } from '../../ports/session-list.ts'
import { deepFreeze } from './deep-freeze.ts'

type Placed = SessionCursor & Readonly<{ entry: SessionEntry }>

const placed = (entry: SessionEntry): Placed[] =>
  entry.first ? [{ at: entry.first.at, sid: entry.sid, entry }] : []

const newestFirst = (a: SessionCursor, b: SessionCursor): number =>
  b.at - a.at || (a.sid < b.sid ? 1 : a.sid > b.sid ? -1 : 0)

/** The executable model of a session list. Nothing survives the process. */
export const openMemorySessionList = (): SessionList => {
  const entries = new Map<SessionId, SessionEntry>()
  return {
    fold: async (come) => {
      for (const entry of come) {
        const kept = entries.get(entry.sid)
        entries.set(entry.sid, deepFreeze(kept ? mergeSession(kept, entry) : entry))
      }
    },
    page: async (sub, after, limit) =>
      [...entries.values()]
        .filter((entry) => entry.sub === sub)
        .flatMap(placed)
        .sort(newestFirst)
        .filter((one) => after === null || newestFirst(after, one) < 0)
        .slice(0, limit)
        .map(({ entry }) => entry),
    sweep: async (at, limit) => {
      const doomed = [...entries.values()].filter(({ keepUntil }) => keepUntil <= at)
      for (const { sid } of doomed.slice(0, limit)) entries.delete(sid)
      return Math.min(doomed.length, limit)
    },
    close: async () => {},
  }
}
