import type { Database, Key } from 'lmdb'
import type { Commit, CommitId, NewCommit } from '../../../events/commit.ts'
import type { EpochMs, StreamId } from '../../../kernel/ids.ts'

/** What indexes and marks need to know of a commit, so that they do not read it. */
export type CommitState = Pick<Commit, 'kind' | 'at' | 'expiresAt' | 'published'> &
  Readonly<{
    /** Until when its token in a status list may be alive; absent where it has none. */
    listedUntil?: EpochMs
    /** Until when its revocation must be remembered; absent in what an older version wrote. */
    standingUntil?: EpochMs
  }>

/** The newest version of a stream, and the state of that commit. */
export type Head = Readonly<{ v: number; state: CommitState }>

/** One database: what is known of a stream lies on one page with its commits, if it is short. */
export type StreamDatabases = Readonly<{
  /** Under `[stream, version]`; as appended, never written again. */
  commits: Database<NewCommit, Key>
  /** Under the stream alone. */
  heads: Database<Head, Key>
  /** `[stream, version, true]`, of commits that are not the newest. */
  states: Database<CommitState, Key>
}>

const stateKey = ({ s, v }: CommitId): Key => [s, v, true]

export const newestVersion = ({ heads }: StreamDatabases, stream: StreamId): number =>
  heads.get(stream)?.v ?? -1

export const stateOf = (
  { heads, states }: StreamDatabases,
  id: CommitId,
): CommitState | undefined => {
  const head = heads.get(id.s)
  return head?.v === id.v ? head.state : states.get(stateKey(id))
}

export const setState = (
  { heads, states }: StreamDatabases,
  id: CommitId,
  state: CommitState,
): void => {
  if (heads.get(id.s)?.v === id.v) heads.putSync(id.s, { v: id.v, state })
  else states.putSync(stateKey(id), state)
}

/** Notes the state of a commit that comes after all others of its stream. */
export const addState = (
  { heads, states }: StreamDatabases,
  id: CommitId,
  state: CommitState,
): void => {
  const { s, v } = id
  const before = heads.get(s)
  if (before) states.putSync(stateKey({ s, v: before.v }), before.state)
  heads.putSync(s, { v, state })
}

/**
 * Removes the state of a commit that was removed. It may be the newest of its stream: an expired
 * commit goes while an older one still waits for the log.
 */
export const removeState = (dbs: StreamDatabases, id: CommitId): void => {
  const { commits, heads, states } = dbs
  const { s, v } = id
  if (heads.get(s)?.v !== v) {
    states.removeSync(stateKey(id))
    return
  }
  const range = { start: [s, v], end: [s], reverse: true }
  const [left] = commitIdsIn(commits.getKeys(range), 1)
  const state = left && states.get(stateKey(left))
  if (!left || !state) {
    heads.removeSync(s)
    return
  }
  states.removeSync(stateKey(left))
  heads.putSync(s, { v: left.v, state })
}

/** The commits among the keys of `commits`, where heads and states lie beside them. */
export const commitIdsIn = (keys: Iterable<Key>, limit: number): CommitId[] => {
  const found: CommitId[] = []
  if (limit <= 0) return found
  for (const key of keys) {
    if (!Array.isArray(key) || key.length !== 2) continue
    const [s, v] = key as [StreamId, number]
    found.push({ s, v })
    if (found.length >= limit) break
  }
  return found
}
