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
  /**
   * `[keepUntil, sid]` as it was when the session began: a use moves the end of its session, and
   * the key only when it comes to be swept.
   */
  expiring: Database<true, Key>
}>

const open = (env: LmdbEnvironment): Databases => ({
  entries: env.database('sessions'),
  started: env.index('sessions.started'),
  expiring: env.index('sessions.expiring'),
})

const setStart = (dbs: Databases, { sid, sub, first }: SessionEntry): void => {
  if (first) dbs.started.putSync([sub, first.at, sid], true)
}

const removeStart = (dbs: Databases, { sid, sub, first }: SessionEntry): void => {
  if (first) dbs.started.removeSync([sub, first.at, sid])
}

/** A use of a session writes its entry and no index: each one would be another page. */
const merge = (dbs: Databases, incoming: SessionEntry): void => {
  const existing = dbs.entries.get(incoming.sid)
  const entry = existing ? mergeSession(existing, incoming) : incoming
  dbs.entries.putSync(entry.sid, entry)
  if (!existing) dbs.expiring.putSync([entry.keepUntil, entry.sid], true)
  if (existing?.sub === entry.sub && existing.first?.at === entry.first?.at) return
  if (existing) removeStart(dbs, existing)
  setStart(dbs, entry)
}

const sweepOne = (dbs: Databases, sid: SessionId, at: EpochMs): void => {
  const entry = dbs.entries.get(sid)
  if (!entry) return
  if (entry.keepUntil > at) {
    dbs.expiring.putSync([entry.keepUntil, sid], true)
    return
  }
  dbs.entries.removeSync(sid)
  removeStart(dbs, entry)
}

const sweep = (dbs: Databases, at: EpochMs, limit: number): number => {
  const due = [...dbs.expiring.getKeys({ end: [at + 1], limit })]
  for (const key of due) {
    const [, sid] = key as [EpochMs, SessionId]
    dbs.expiring.removeSync(key)
    sweepOne(dbs, sid, at)
  }
  return due.length
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
