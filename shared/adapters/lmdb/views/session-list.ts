import type { Database, Key } from 'lmdb'
import { mergeSession, type SessionEntry } from '../../../events/session-entry.ts'
import type { EpochMs, SessionId } from '../../../kernel/ids.ts'
import type { SessionList } from '../../../ports/session-list.ts'
import { type LmdbEnvironment, lmdbWrites } from '../environment/lmdb-environment.ts'

type Started = [sub: string, at: EpochMs, sid: SessionId]

type Databases = Readonly<{
  entries: Database<SessionEntry, Key>
  /** `[sub, first.at, sid]`: a user's sessions by their start. */
  started: Database<true, Key>
  /** `[keepUntil, sid]` */
  expiring: Database<true, Key>
}>

const open = (env: LmdbEnvironment): Databases => ({
  entries: env.database('sessions'),
  started: env.database('sessions.started'),
  expiring: env.database('sessions.expiring'),
})

const remove = (dbs: Databases, { sid, sub, first, keepUntil }: SessionEntry): void => {
  dbs.entries.removeSync(sid)
  if (first) dbs.started.removeSync([sub, first.at, sid])
  dbs.expiring.removeSync([keepUntil, sid])
}

const put = (dbs: Databases, entry: SessionEntry): void => {
  const { sid, sub, first, keepUntil } = entry
  dbs.entries.putSync(sid, entry)
  if (first) dbs.started.putSync([sub, first.at, sid], true)
  dbs.expiring.putSync([keepUntil, sid], true)
}

/** A refresh moves the end of a session, and leaves its start: the indexes change as they must. */
const merge = (dbs: Databases, come: SessionEntry): void => {
  const kept = dbs.entries.get(come.sid)
  const entry = kept ? mergeSession(kept, come) : come
  const isMoved = kept && (kept.sub !== entry.sub || kept.first?.at !== entry.first?.at)
  if (!kept || isMoved) {
    if (kept) remove(dbs, kept)
    put(dbs, entry)
    return
  }
  dbs.entries.putSync(entry.sid, entry)
  if (kept.keepUntil === entry.keepUntil) return
  dbs.expiring.removeSync([kept.keepUntil, entry.sid])
  dbs.expiring.putSync([entry.keepUntil, entry.sid], true)
}

const sweep = (dbs: Databases, at: EpochMs, limit: number): number => {
  const doomed = [...dbs.expiring.getKeys({ end: [at + 1], limit })]
  for (const key of doomed) {
    const [keepUntil, sid] = key as [EpochMs, SessionId]
    const entry = dbs.entries.get(sid)
    if (entry) remove(dbs, entry)
    else dbs.expiring.removeSync([keepUntil, sid])
  }
  return doomed.length
}

export const sessionWrites = lmdbWrites('sessions', open, {
  fold: (dbs, entries: readonly SessionEntry[]): void => {
    for (const entry of entries) merge(dbs, entry)
  },
  sweep,
})

/**
 * The session list of one machine; a batch is one transaction. Closing it does nothing; whoever
 * opened `env` closes that.
 */
export const lmdbSessionList = (env: LmdbEnvironment): SessionList => {
  const { dbs, write } = env.use(sessionWrites)
  return {
    ...write,
    fold: async (entries) => {
      if (entries.length > 0) await write.fold(entries)
    },
    page: (sub, after, limit) =>
      env.read(() => {
        // Backwards, from the cursor, whose own key is not wanted.
        const start = after ? [sub, after.at, after.sid] : [sub, Number.POSITIVE_INFINITY]
        const range = { start, end: [sub], reverse: true, limit: limit + 1 }
        const sids = [...dbs.started.getKeys(range)].map((key) => (key as Started)[2])
        const wanted = sids.filter((sid) => sid !== after?.sid).slice(0, limit)
        return wanted.flatMap((sid) => dbs.entries.get(sid) ?? [])
      }),
    close: async () => {},
  }
}
