import type { Database, Key } from 'lmdb'
import type { Commit, CommitId, NewCommit } from '../../../events/commit.ts'
import type { AuthEvent } from '../../../events/event.ts'
import { upcast } from '../../../events/upcast.ts'
import type { EpochMs, StreamId } from '../../../kernel/ids.ts'
import type { RelayState } from '../../../ports/event-store.ts'
import type { LmdbEnvironment } from '../environment/lmdb-environment.ts'
import { type CommitLists, openCommitLists } from './commit-lists.ts'
import { openPublishedRevocations, type PublishedRevocations } from './published-revocations.ts'

/** Key `[stream, version]`, and keys of indexes that end with it; an index's values say nothing. */
type Index = Database<true, Key>
export type CommitState = Pick<Commit, 'kind' | 'at' | 'expiresAt' | 'published'> &
  Readonly<{
    /** Until when its token in a status list may be alive; absent where it has none. */
    listedUntil?: EpochMs
    /** Until when its revocation must be remembered; absent in what an older version wrote. */
    standingUntil?: EpochMs
  }>
export type CommitDatabases = Readonly<{
  /** As appended, never written again: a commit has ten times the size of what changes about it. */
  commits: Database<NewCommit, Key>
  /** The same database, for writing. */
  commitTexts: Database<string, Key>
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
  told: PublishedRevocations
  agreements: Database<string, Key>
  ticks: Database<RelayState, Key>
}>

export const openCommitDatabases = (env: LmdbEnvironment): CommitDatabases => ({
  commits: env.database('commits'),
  commitTexts: env.textDatabase('commits'),
  newest: env.database('commits.newest'),
  states: env.database('commits.states'),
  unpublished: env.database('commits.unpublished'),
  revocations: env.database('commits.revocations'),
  expiring: env.database('commits.expiring'),
  superseded: env.database('commits.superseded'),
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

export const newestVersion = ({ newest }: CommitDatabases, stream: StreamId): number =>
  newest.get(stream) ?? -1

/**
 * A commit as it was stored, by whatever version, to one whose events are today’s; `published` is
 * kept beside it.
 */
export const commitAs = (stored: NewCommit, published: Commit['published']): Commit => {
  const events = stored.events.map((event): AuthEvent => upcast(event))
  return { ...stored, events, published }
}

export const commitAt = (
  { commits, states }: CommitDatabases,
  { s, v }: CommitId,
): Commit | null => {
  const commit = commits.get([s, v])
  return commit ? commitAs(commit, states.get([s, v])?.published ?? null) : null
}

export const newestOf = (dbs: CommitDatabases, s: StreamId): Commit | null => {
  const v = newestVersion(dbs, s)
  return v < 0 ? null : commitAt(dbs, { s, v })
}
