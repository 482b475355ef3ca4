import type { Key } from 'lmdb'
import type { Commit } from '../../../events/commit.ts'
import { statusListEntryOf } from '../../../events/status-list-entry.ts'
import type { EpochMs } from '../../../kernel/ids.ts'
import { type CommitDatabases, commitAt, idOf } from './commit-databases.ts'
import { removeState } from './commit-states.ts'

/** The commits that a range of an index names, at most `limit` of those that `wanted` takes. */
export const commitsIn = (
  dbs: CommitDatabases,
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

export const supersededAt = (at: EpochMs, listedUntil: EpochMs | undefined): number =>
  Math.max(at, listedUntil ?? 0)

const remove = (dbs: CommitDatabases, commit: Commit): void => {
  const { at, expiresAt } = commit
  const { s, v } = commit.id
  dbs.commits.removeSync([s, v])
  removeState(dbs, { s, v })
  dbs.revocations.removeSync([s, v])
  dbs.superseded.removeSync([supersededAt(at, statusListEntryOf(commit)?.until), s, v])
  dbs.lists.remove(commit)
  dbs.told.move({ s, v }, 0 as EpochMs, commit.published, null)
  if (expiresAt !== null) dbs.expiring.removeSync([expiresAt, s, v])
}

export const prune = (
  dbs: CommitDatabases,
  at: EpochMs,
  before: EpochMs,
  limit: number,
): number => {
  const expired = commitsIn(dbs, dbs.expiring.getKeys({ end: [at + 1] }), limit)
  for (const commit of expired) remove(dbs, commit)
  const isOver = (commit: Commit): boolean =>
    commit.published !== null && (statusListEntryOf(commit)?.until ?? 0) <= at
  const old = dbs.superseded.getKeys({ end: [before] })
  const superseded = commitsIn(dbs, old, limit - expired.length, isOver)
  for (const commit of superseded) remove(dbs, commit)
  return expired.length + superseded.length
}
