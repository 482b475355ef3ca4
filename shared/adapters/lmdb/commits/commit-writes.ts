import type { CommitId, NewCommit, Published } from '../../../events/commit.ts'
import { revocationInForceOf, statusListEntryOf } from '../../../events/status-list-entry.ts'
import type { EpochMs, EventId, LogId } from '../../../kernel/ids.ts'
import type { Appended, Conflict, RelayState } from '../../../ports/event-store.ts'
import { lmdbWrites } from '../environment/lmdb-environment.ts'
import { type CommitDatabases, newestOf, openCommitDatabases, tickOf } from './commit-databases.ts'
import type { ListedCommit } from './commit-lists.ts'
import { addState, type CommitState, newestVersion, setState, stateOf } from './commit-states.ts'
import { prune, supersededAt } from './prune-commits.ts'
import type { PublishedRevocation } from './published-revocations.ts'

/** What an append writes, prepared before its transaction: a commit as text, and its indexes. */
export type Insertion = Readonly<{
  id: CommitId
  text: string
  state: Omit<CommitState, 'published'>
  lists: ListedCommit
}>

export const insertionOf = (commit: NewCommit): Insertion => {
  const { id, kind, at, expiresAt } = commit
  const listed = statusListEntryOf(commit)
  const standing = revocationInForceOf(commit)
  const state: Insertion['state'] = {
    ...{ kind, at, expiresAt },
    ...(listed?.until === undefined ? {} : { listedUntil: listed.until }),
    ...(standing?.until === undefined ? {} : { standingUntil: standing.until }),
  }
  return { id, text: JSON.stringify(commit), state, lists: { listed, standing } }
}

/** Within a write transaction; `published`: in this very transaction. */
export const insert = (
  dbs: CommitDatabases,
  { id, text, state, lists }: Insertion,
  published: Published | null,
): void => {
  const { s, v } = id
  const { kind, at, expiresAt } = state
  dbs.commitTexts.putSync([s, v], text)
  addState(dbs, id, { ...state, published })
  if (published === null) dbs.unpublished.putSync([kind, at, s, v], true)
  else if (expiresAt !== null) dbs.expiring.putSync([expiresAt, s, v], true)
  if (published !== null && lists.standing) {
    dbs.told.move(id, lists.standing.until, null, published)
  }
  if (kind === 'r') dbs.revocations.putSync([s, v], true)
  dbs.lists.insert(id, lists)
  // Only of sessions: in other streams an old commit may hold the cutoff that is still in force.
  const third = v >= 2 && s.startsWith('s/') ? stateOf(dbs, { s, v: v - 2 }) : undefined
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
    const state = stateOf(dbs, { s, v })
    const { logId, offset } = state?.published ?? {}
    const until = state && standingUntilOf(dbs, { s, v }, state)
    if (logId && typeof offset === 'number' && until) yield { id: { s, v }, logId, offset, until }
  }
}

const mark = (dbs: CommitDatabases, id: CommitId, logId: LogId, offset: number | null): void => {
  const { s, v } = id
  const state = stateOf(dbs, id)
  if (!state) return
  const published = { logId, offset }
  setState(dbs, id, { ...state, published })
  const until = standingUntilOf(dbs, id, state)
  if (until !== null) dbs.told.move(id, until, state.published, published)
  dbs.unpublished.removeSync([state.kind, state.at, s, v])
  if (state.expiresAt !== null) dbs.expiring.putSync([state.expiresAt, s, v], true)
}

const setTick = (dbs: CommitDatabases, change: Partial<RelayState>): RelayState => {
  const tick = { ...tickOf(dbs), ...change }
  dbs.ticks.putSync('tick', tick)
  return tick
}

/** `null` when the version is the next one. */
export const conflictOf = (dbs: CommitDatabases, { s, v }: CommitId): Conflict | null =>
  v === newestVersion(dbs, s) + 1 ? null : { outcome: 'conflict', newest: newestOf(dbs, s) }

/** Raises what the log acknowledged under `logId`. */
export const raiseAcknowledged = (
  dbs: CommitDatabases,
  logId: LogId,
  at: Readonly<{ offset: number; id: EventId }>,
): void => {
  const tick = tickOf(dbs)
  const raises = tick.acknowledged === null || at.offset > tick.acknowledged.offset
  if (tick.logId === logId && raises) setTick(dbs, { acknowledged: at })
}

type Marks = readonly Readonly<{ id: CommitId; offset: number | null }>[]

export const commitWrites = lmdbWrites('commits', openCommitDatabases, {
  append: (dbs, insertion: Insertion): Appended | Conflict => {
    // The write lock is one for all processes, so looking and inserting are one step.
    const conflict = conflictOf(dbs, insertion.id)
    if (conflict) return conflict
    insert(dbs, insertion, null)
    return { outcome: 'appended' }
  },
  tick: (dbs, now: EpochMs): RelayState => {
    const written = setTick(dbs, { t: Math.max(now, tickOf(dbs).t) as EpochMs })
    dbs.told.fillOnce(() => toldBefore(dbs, written.t))
    if (written.logId !== null) dbs.told.drop(written.logId, written.t)
    return written
  },
  noteAcknowledged: raiseAcknowledged,
  noteClosed: (dbs, logId: LogId, t: EpochMs): void => {
    const tick = tickOf(dbs)
    if (tick.logId === logId && t > tick.closed) setTick(dbs, { closed: t })
  },
  renewLogId: (dbs, expected: LogId | null, next: LogId): LogId => {
    const { logId } = tickOf(dbs)
    if (logId !== null && logId !== expected) return logId
    setTick(dbs, { logId: next, acknowledged: null, closed: 0 as EpochMs })
    return next
  },
  agree: (dbs, name: string, value: string, instead?: string): string => {
    const agreed = dbs.agreements.get(name)
    if (agreed !== undefined && agreed !== instead) return agreed
    dbs.agreements.putSync(name, value)
    return value
  },
  markPublished: (dbs, logId: LogId, marks: Marks): void => {
    for (const { id, offset } of marks) mark(dbs, id, logId, offset)
  },
  prune,
})
