import type { Database, Key } from 'lmdb'
import type { Commit, CommitId, NewCommit } from '../../../events/commit.ts'
import type { AuthEvent } from '../../../events/event.ts'
import { upcast } from '../../../events/upcast.ts'
import type { EpochMs, StreamId } from '../../../kernel/ids.ts'
import type { RelayState } from '../../../ports/event-store.ts'
import type { LmdbEnvironment } from '../environment/lmdb-environment.ts'
import { type CommitLists, openCommitLists } from './commit-lists.ts'
import { type StreamDatabases, stateOf } from './commit-states.ts'
import { openPublishedRevocations, type PublishedRevocations } from './published-revocations.ts'

/** Key `[stream, version]`, and keys of indexes that end with it. */
type Index = Database<true, Key>
export type CommitDatabases = StreamDatabases &
  Readonly<{
    /** The same database as of commits, for writing. */
    commitTexts: Database<string, Key>
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
    told: PublishedRevocations
    agreements: Database<string, Key>
    ticks: Database<RelayState, Key>
  }>

export const openCommitDatabases = (env: LmdbEnvironment): CommitDatabases => ({
  commits: env.database('commits'),
  commitTexts: env.textDatabase('commits'),
  heads: env.database('commits'),
  states: env.database('commits'),
  unpublished: env.index('commits.unpublished'),
  revocations: env.index('commits.revocations'),
  expiring: env.index('commits.expiring'),
  superseded: env.index('commits.superseded'),
  lists: openCommitLists(env),
  told: openPublishedRevocations(env),
  agreements: env.database('agreements'),
  ticks: env.database('ticks'),
})

const neverTicked: RelayState = {
  t: 0 as EpochMs,
  logId: null,
  acknowledged: null,
  closed: 0 as EpochMs,
}
export const tickOf = ({ ticks }: CommitDatabases): RelayState => ticks.get('tick') ?? neverTicked

export const idOf = (key: Key): CommitId => {
  const [s, v] = (key as [StreamId, number]).slice(-2) as [StreamId, number]
  return { s, v }
}

/**
 * A commit as it was stored, by whatever version, to one whose events are today’s; `published` is
 * kept beside it.
 */
export const commitAs = (stored: NewCommit, published: Commit['published']): Commit => {
  const events = stored.events.map((event): AuthEvent => upcast(event))
  return { ...stored, events, published }
}

export const commitAt = (dbs: CommitDatabases, id: CommitId): Commit | null => {
  const commit = dbs.commits.get([id.s, id.v])
  return commit ? commitAs(commit, stateOf(dbs, id)?.published ?? null) : null
}

export const newestOf = ({ commits, heads }: CommitDatabases, s: StreamId): Commit | null => {
  const head = heads.get(s)
  const commit = head && commits.get([s, head.v])
  return commit ? commitAs(commit, head.state.published) : null
}
