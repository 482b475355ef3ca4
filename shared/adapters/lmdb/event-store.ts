import type { Database, Key } from 'lmdb'
import type { Commit, CommitId, NewCommit } from '../../events/commit.ts'
import { listedTokenOf } from '../../events/listed-token.ts'
import type { EpochMs, LogId, StreamId } from '../../kernel/ids.ts'
import type { EventStore, Tick } from '../../ports/event-store.ts'
import { type CommitLists, openCommitLists } from './commit-lists.ts'
import type { LmdbEnvironment } from './environment.ts'

/** Key `[stream, version]`, and keys of indexes that end with it; an index's values say nothing. */
type Index = Database<true, Key>
type CommitState = Pick<Commit, 'kind' | 'at' | 'expiresAt' | 'published'> &
  Readonly<{
    /** Until when its token in a status list may be alive; absent where it has none. */
    listedUntil?: EpochMs
  }>
type Databases = Readonly<{
  /** As appended, never written again: a commit has ten times the size of what changes about it. */
  commits: Database<NewCommit, Key>
  /** The newest version of each stream: a look-up costs a fraction of a range. */
  newest: Database<number, Key>
  /** What indexes and marks need to know of a commit, so that they do not read it. */
  states: Database<CommitState, Key>
  /** `[kind, at, stream, version]`, as long as not published. */
  unpublished: Index
  /** `[stream, version]` of kind `r`. */
  revocations: Index
  /** `[expiresAt, stream, version]` of what is published and expires. */
  expiring: Index
  /**
   * `[at, stream, version]` of a session's commits that are older than its newest two; a token in
   * a status list is in the place of `at` with its end.
   */
  superseded: Index
  lists: CommitLists
  agreements: Database<string, Key>
  ticks: Database<Tick, Key>
}>

const open = (env: LmdbEnvironment): Databases => ({
  commits: env.database('commits'),
  newest: env.database('commits.newest'),
  states: env.database('commits.states'),
  unpublished: env.database('commits.unpublished'),
  revocations: env.database('commits.revocations'),
  expiring: env.database('commits.expiring'),
  superseded: env.database('commits.superseded'),
  lists: openCommitLists(env),
  agreements: env.database('agreements'),
  ticks: env.database('ticks'),
})

const neverTicked: Tick = { t: 0 as EpochMs, logId: null, acknowledged: null, closed: 0 as EpochMs }
const tickOf = ({ ticks }: Databases): Tick => ticks.get('tick') ?? neverTicked

const idOf = (key: Key): CommitId => {
  const [s, v] = (key as [StreamId, number]).slice(-2) as [StreamId, number]
  return { s, v }
}

const newestVersion = ({ newest }: Databases, stream: StreamId): number => newest.get(stream) ?? -1

const commitAt = ({ commits, states }: Databases, { s, v }: CommitId): Commit | null => {
  const commit = commits.get([s, v])
  return commit ? { ...commit, published: states.get([s, v])?.published ?? null } : null
}

const newestOf = (dbs: Databases, s: StreamId): Commit | null => {
  const v = newestVersion(dbs, s)
  return v < 0 ? null : commitAt(dbs, { s, v })
}

/** The commits that a range of an index names, at most `limit` of those that `wanted` takes. */
const commitsIn = (
  dbs: Databases,
  keys: Iterable<Key>,
  limit: number,
  wanted: (commit: Commit) => boolean = () => true,
): Commit[] => {
  const found: Commit[] = []
  if (limit <= 0) return found
  for (const key of keys) {
    const commit = commitAt(dbs, idOf(key))
    if (commit && wanted(commit)) found.push(commit)
    if (found.length >= limit) break
  }
  return found
}

const supersededAt = (at: EpochMs, listedUntil: EpochMs | undefined): number =>
  Math.max(at, listedUntil ?? 0)

const insert = (dbs: Databases, commit: NewCommit): void => {
  const { s, v } = commit.id
  const { kind, at, expiresAt } = commit
  const until = listedTokenOf(commit)?.until
  const listed = until === undefined ? {} : { listedUntil: until }
  dbs.commits.putSync([s, v], commit)
  dbs.newest.putSync(s, v)
  dbs.states.putSync([s, v], { kind, at, expiresAt, published: null, ...listed })
  dbs.unpublished.putSync([kind, at, s, v], true)
  if (kind === 'r') dbs.revocations.putSync([s, v], true)
  dbs.lists.insert(commit)
  // Only of sessions: in other streams an old commit may hold the cutoff that is still in force.
  const third = v >= 2 && s.startsWith('s/') ? dbs.states.get([s, v - 2]) : undefined
  if (third) dbs.superseded.putSync([supersededAt(third.at, third.listedUntil), s, v - 2], true)
}

const mark = (dbs: Databases, { s, v }: CommitId, logId: LogId, offset: number | null): void => {
  const state = dbs.states.get([s, v])
  if (!state) return
  dbs.states.putSync([s, v], { ...state, published: { logId, offset } })
  dbs.unpublished.removeSync([state.kind, state.at, s, v])
  if (state.expiresAt !== null) dbs.expiring.putSync([state.expiresAt, s, v], true)
}

/** An expired commit may be its stream's newest while an older one still waits for the log. */
const stepBack = ({ commits, newest }: Databases, stream: StreamId): void => {
  const range = { start: [stream, Number.MAX_VALUE], end: [stream], reverse: true, limit: 1 }
  const [left] = commits.getKeys(range)
  if (left === undefined) newest.removeSync(stream)
  else newest.putSync(stream, idOf(left).v)
}

const remove = (dbs: Databases, commit: Commit): void => {
  const { at, expiresAt } = commit
  const { s, v } = commit.id
  dbs.commits.removeSync([s, v])
  dbs.states.removeSync([s, v])
  if (newestVersion(dbs, s) === v) stepBack(dbs, s)
  dbs.revocations.removeSync([s, v])
  dbs.superseded.removeSync([supersededAt(at, listedTokenOf(commit)?.until), s, v])
  dbs.lists.remove(commit)
  if (expiresAt !== null) dbs.expiring.removeSync([expiresAt, s, v])
}

const prune = (dbs: Databases, at: EpochMs, before: EpochMs, limit: number): number => {
  const expired = commitsIn(dbs, dbs.expiring.getKeys({ end: [at + 1] }), limit)
  for (const commit of expired) remove(dbs, commit)
  const isOver = (commit: Commit): boolean =>
    commit.published !== null && (listedTokenOf(commit)?.until ?? 0) <= at
  const old = dbs.superseded.getKeys({ end: [before] })
  const superseded = commitsIn(dbs, old, limit - expired.length, isOver)
  for (const commit of superseded) remove(dbs, commit)
  return expired.length + superseded.length
}

const setTick = (dbs: Databases, change: Partial<Tick>): Tick => {
  const tick = { ...tickOf(dbs), ...change }
  dbs.ticks.putSync('tick', tick)
  return tick
}

const unpublishedOf = (
  dbs: Databases,
  kind: Commit['kind'],
  before: number,
  limit: number,
): Commit[] =>
  commitsIn(dbs, dbs.unpublished.getKeys({ start: [kind], end: [kind, before] }), limit)

const tickMethods = (
  env: LmdbEnvironment,
  dbs: Databases,
): Pick<EventStore, 'relayScan' | 'noteAcknowledged' | 'noteClosed' | 'renewLogId' | 'agree'> => ({
  relayScan: async (limit) => {
    const tick = await env.write(() =>
      setTick(dbs, { t: Math.max(env.clock.now(), tickOf(dbs).t) as EpochMs }),
    )
    // A later snapshot than the tick's: whatever was acknowledged before `t` was taken is in it.
    return env.read(() => {
      const due = unpublishedOf(dbs, 'r', Number.MAX_VALUE, limit + 1)
      return { tick, revocations: due.slice(0, limit), more: due.length > limit }
    })
  },
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
  agree: (name, value) =>
    env.write(() => {
      const agreed = dbs.agreements.get(name)
      if (agreed === undefined) dbs.agreements.putSync(name, value)
      return agreed ?? value
    }),
})

/**
 * The event store of one machine. Serial appends wait for one fsync each; concurrent ones share it.
 * Its clock is the host's: `t` never goes back, and stands still while the host's clock is behind
 * it. Closing it does nothing; whoever opened `env` closes that.
 */
export const lmdbEventStore = (env: LmdbEnvironment): EventStore => {
  const dbs = open(env)
  return {
    ...tickMethods(env, dbs),
    ...dbs.lists.methods,
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
