import type { Commit } from '../../../events/commit.ts'
import type { EventStore, RelayScan, RelayState } from '../../../ports/event-store.ts'
import type { LmdbEnvironment } from '../environment/lmdb-environment.ts'
import { type CommitDatabases, commitAt, newestOf } from './commit-databases.ts'
import { commitIdsIn } from './commit-states.ts'
import { commitWrites, insertionOf } from './commit-writes.ts'
import { liveSessionsIn } from './live-sessions.ts'
import { commitsIn } from './prune-commits.ts'
import type { PublishedRevocation } from './published-revocations.ts'

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

/**
 * The event store of one machine. Serial appends wait for one fsync each; concurrent ones share it.
 * Its clock is the host's: `t` never goes back, and stands still while the host's clock is behind
 * it. Closing it does nothing; whoever opened `env` closes that.
 */
export const lmdbEventStore = (env: LmdbEnvironment): EventStore => {
  const { dbs, write } = env.use(commitWrites)
  const { tick, append, ...writes } = write
  return {
    ...writes,
    ...dbs.lists.methods,
    liveSessions: liveSessionsIn(env, dbs),
    heads: (streams) => env.read(() => streams.map((stream) => newestOf(dbs, stream))),
    read: (stream, from, limit) =>
      env.read(() => {
        const range = { start: [stream, from], end: [stream, Number.MAX_VALUE] }
        const ids = commitIdsIn(dbs.commits.getKeys(range), limit)
        return ids.flatMap((id) => commitAt(dbs, id) ?? [])
      }),
    append: (commit) => append(insertionOf(commit)),
    relayScan: async (limit, logStart = 0) => {
      const written = await tick(env.clock.now())
      // A later snapshot than the tick's: whatever was acknowledged before `t` was taken is in it.
      return env.read(() => scan(dbs, written, limit, logStart))
    },
    publishedBelow: (logId, offset, at, limit) =>
      env.read(() => {
        const inside = firstOf(dbs.told.inside(logId, 0, at), limit)
        return commitsOf(
          dbs,
          inside.filter((told) => told.offset < offset),
        )
      }),
    unpublishedOthers: (before, limit) => env.read(() => unpublishedOf(dbs, 'o', before, limit)),
    revocationsAfter: (after, at, limit) =>
      env.read(() => {
        const from = after ? { start: [after.s, after.v], exclusiveStart: true } : {}
        const alive = ({ expiresAt }: Commit): boolean => expiresAt === null || expiresAt > at
        return commitsIn(dbs, dbs.revocations.getKeys(from), limit, alive)
      }),
    close: async () => {},
  }
}
