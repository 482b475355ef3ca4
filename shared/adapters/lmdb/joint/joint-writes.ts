import type { EpochMs, EventId, LogId } from '../../../kernel/ids.ts'
import type { Appended, Conflict } from '../../../ports/event-store.ts'
import { openCommitDatabases, tickOf } from '../commits/commit-databases.ts'
import { conflictOf, type Insertion, insert, raiseAcknowledged } from '../commits/commit-writes.ts'
import { type LmdbEnvironment, lmdbWrites } from '../environment/lmdb-environment.ts'
import { openLogDatabases, type PreparedRecord, publishIn } from '../log/log-writes.ts'

/** What is told of a commit, prepared before its transaction. */
export type PreparedTelling = Readonly<{
  logId: LogId
  records: readonly PreparedRecord[]
  revocation: Readonly<{ index: number; id: EventId }> | null
}>

const open = (env: LmdbEnvironment) => ({
  commits: openCommitDatabases(env),
  log: openLogDatabases(env),
})
type JointDatabases = ReturnType<typeof open>

/** Store and log lie in one file, so one transaction can append a commit and tell the log. */
export const jointWrites = lmdbWrites('joint', open, {
  append: (
    { commits, log }: JointDatabases,
    insertion: Insertion,
    { logId, records, revocation }: PreparedTelling,
    now: EpochMs,
  ): Appended | Conflict => {
    const conflict = conflictOf(commits, insertion.id)
    if (conflict) return conflict
    // Another gateway found out that the log lost records: the relay tells this commit.
    if (tickOf(commits).logId !== logId) {
      insert(commits, insertion, null)
      return { outcome: 'appended' }
    }
    const told = publishIn(log, records, now)
    const offset = revocation ? (told[revocation.index] ?? null) : null
    if (revocation && offset !== null) {
      raiseAcknowledged(commits, logId, { offset, id: revocation.id })
    }
    insert(commits, insertion, { logId, offset })
    return { outcome: 'appended', told }
  },
})
