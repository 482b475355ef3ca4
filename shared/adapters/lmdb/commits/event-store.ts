import type { Commit, CommitId, NewCommit } from '../../../events/commit.ts'
import { revocationInForceOf, statusListEntryOf } from '../../../events/status-list-entry.ts'
import type { EpochMs, LogId } from '../../../kernel/ids.ts'
import type { EventStore, RelayScan, RelayState } from '../../../ports/event-store.ts'
import type { LmdbEnvironment } from '../environment/lmdb-environment.ts'
import {
  type CommitDatabases,
  type CommitState,
  commitAt,
  newestOf,
  newestVersion,
  openCommitDatabases,
  tickOf,
} from './commit-databases.ts'
import { liveSessionsIn } from './live-sessions.ts'
import { commitsIn, prune, supersededAt } from './prune-commits.ts'
import type { PublishedRevocation } from './published-revocations.ts'

const insert = (dbs: CommitDatabases, commit: NewCommit): void => {
  const { s, v } = commit.id
  const { kind, at, expiresAt } = commit
  const until = statusListEntryOf(commit)?.until
  const listed = until === undefined ? {} : { listedUntil: until }
  const standingUntil = revocationInForceOf(commit)?.until
  const standing = standingUntil === undefined ? {} : { standingUntil }
  dbs.commits.putSync([s, v], commit)
  dbs.newest.putSync(s, v)
  dbs.states.putSync([s, v], { kind, at, expiresAt, published: null, ...listed, ...standing })
  dbs.unpublished.putSync([kind, at, s, v], true)
  if (kind === 'r') dbs.revocations.putSync([s, v], true)
  dbs.lists.insert(commit)
  // Only of sessions: in other streams an old commit may hold the cutoff that is still in force.
  const third = v >= 2 && s.startsWith('s/') ? dbs.states.get([s, v - 2]) : undefined
  if (third) dbs.superseded.putSync([supersededAt(third.at, third.listedUntil), s, v - 2], true)
}

const standingUntilOf = (
  { commits }: CommitDatabases,
  { s, v }: CommitId,
  { kind, standingUntil }: CommitState,
): EpochMs | null => {
  if (kind !== 'r') return null
  if (standingUntil !== undefined) return standingUntil
  const commit = commits.get([s, v])
  return (commit && revocationInForceOf(commit)?.until) ?? null
}

/** What a version told that kept no such list: everything that must still be remembered. */
function* toldBefore(dbs: CommitDatabases, at: EpochMs): Generator<PublishedRevocation> {
  for (const { s, v } of dbs.lists.standingIds(at)) {
    const state = dbs.states.get([s, v])
    const { logId, offset } = state?.published ?? {}
    const until = state && standingUntilOf(dbs, { s, v }, state)
    if (logId && typeof offset === 'number' && until) yield { id: { s, v }, logId, offset, until }
  }
}

const mark = (
  dbs: CommitDatabases,
  { s, v }: CommitId,
  logId: LogId,
  offset: number | null,
): void => {
  const state = dbs.states.get([s, v])
  if (!state) return
  const published = { logId, offset }
  dbs.states.putSync([s, v], { ...state, published })
  const until = standingUntilOf(dbs, { s, v }, state)
  if (until !== null) dbs.told.move({ s, v }, until, state.published, published)
  dbs.unpublished.removeSync([state.kind, state.at, s, v])
  if (state.expiresAt !== null) dbs.expiring.putSync([state.expiresAt, s, v], true)
}

const setTick = (dbs: CommitDatabases, change: Partial<RelayState>): RelayState => {
  const tick = { ...tickOf(dbs), ...change }
  dbs.ticks.putSync('tick', tick)
  return tick
}

const unpublishedOf = (
  dbs: CommitDatabases,
  kind: Commit['kind'],
  before: number,
  limit: number,
): Commit[] =>
  commitsIn(dbs, dbs.unpublished.getKeys({ start: [kind], end: [kind, before] }), limit)

const firstOf = <T>(items: Iterable<T>, limit: number): T[] => {
  const found: T[] = []
  if (limit <= 0) return found
  for (const item of items) {
    found.push(item)
    if (found.length >= limit) break
  }
  return found
}

const commitsOf = (dbs: CommitDatabases, told: readonly PublishedRevocation[]): Commit[] =>
  told.flatMap(({ id }) => commitAt(dbs, id) ?? [])

/** On one snapshot. */
const scan = (
  dbs: CommitDatabases,
  tick: RelayState,
  limit: number,
  logStart: number,
): RelayScan => {
  const { t, logId } = tick
  const due = unpublishedOf(dbs, 'r', Number.MAX_VALUE, limit + 1)
  if (logId !== null) {
    const lost = firstOf(dbs.told.outside(logId, logStart, t), limit + 1 - due.length)
    due.push(...commitsOf(dbs, lost))
  }
  const [lowest] = logId === null ? [] : firstOf(dbs.told.inside(logId, logStart, t), 1)
  const revocations = due.slice(0, limit)
  return { tick, revocations, more: due.length > limit, low: lowest?.offset ?? null }
}

const tickMethods = (
  env: LmdbEnvironment,
  dbs: CommitDatabases,
): Pick<
  EventStore,
  'relayScan' | 'publishedBelow' | 'noteAcknowledged' | 'noteClosed' | 'renewLogId' | 'agree'
> => ({
  relayScan: async (limit, logStart = 0) => {
    const tick = await env.write(() => {
      const written = setTick(dbs, { t: Math.max(env.clock.now(), tickOf(dbs).t) as EpochMs })
      dbs.told.fillOnce(() => toldBefore(dbs, written.t))
      if (written.logId !== null) dbs.told.drop(written.logId, written.t)
      return written
    })
    // A later snapshot than the tick's: whatever was acknowledged before `t` was taken is in it.
    return env.read(() => scan(dbs, tick, limit, logStart))
  },
  publishedBelow: (logId, offset, at, limit) =>
    env.read(() => {
      const inside = firstOf(dbs.told.inside(logId, 0, at), limit)
      return commitsOf(
        dbs,
        inside.filter((told) => told.offset < offset),
      )
    }),
  noteAcknowledged: (logId, at) =>
    env.write(() => {
      const tick = tickOf(dbs)
      const raises = tick.acknowledged === null || at.offset > tick.acknowledged.offset
      if (tick.logId === logId && raises) setTick(dbs, { acknowledged: at })
    }),
  noteClosed: (logId, t) =>
    env.write(() => {
      const tick = tickOf(dbs)
      if (tick.logId === logId && t > tick.closed) setTick(dbs, { closed: t })
    }),
  renewLogId: (expected, next) =>
    env.write(() => {
      const { logId } = tickOf(dbs)
      if (logId !== null && logId !== expected) return logId
      setTick(dbs, { logId: next, acknowledged: null, closed: 0 as EpochMs })
      return next
    }),
  agree: (name, value, instead) =>
    env.write(() => {
      const agreed = dbs.agreements.get(name)
      if (agreed !== undefined && agreed !== instead) return agreed
      dbs.agreements.putSync(name, value)
      return value
    }),
})

/**
 * The event store of one machine. Serial appends wait for one fsync each; concurrent ones share it.
 * Its clock is the host's: `t` never goes back, and stands still while the host's clock is behind
 * it. Closing it does nothing; whoever opened `env` closes that.
 */
export const lmdbEventStore = (env: LmdbEnvironment): EventStore => {
  const dbs = openCommitDatabases(env)
  return {
    ...tickMethods(env, dbs),
    ...dbs.lists.methods,
    liveSessions: liveSessionsIn(env, dbs),
    heads: (streams) => env.read(() => streams.map((stream) => newestOf(dbs, stream))),
    read: (stream, from, limit) =>
      env.read(() => {
        const range = { start: [stream, from], end: [stream, Number.MAX_VALUE], limit }
        return commitsIn(dbs, dbs.commits.getKeys(range), limit)
      }),
    append: (commit) =>
      env.write(() => {
        // The write lock is one for all processes, so looking and inserting are one step.
        if (commit.id.v !== newestVersion(dbs, commit.id.s) + 1) {
          return { outcome: 'conflict', newest: newestOf(dbs, commit.id.s) }
        }
        insert(dbs, commit)
        return { outcome: 'appended' }
      }),
    unpublishedOthers: (before, limit) => env.read(() => unpublishedOf(dbs, 'o', before, limit)),
    revocationsAfter: (after, at, limit) =>
      env.read(() => {
        const from = after ? { start: [after.s, after.v], exclusiveStart: true } : {}
        const alive = ({ expiresAt }: Commit): boolean => expiresAt === null || expiresAt > at
        return commitsIn(dbs, dbs.revocations.getKeys(from), limit, alive)
      }),
    markPublished: (logId, marks) =>
      env.write(() => {
        for (const { id, offset } of marks) mark(dbs, id, logId, offset)
      }),
    prune: (at, before, limit) => env.write(() => prune(dbs, at, before, limit)),
    close: async () => {},
  }
}
