import type { Commit, CommitId, NewCommit } from '../events/commit.ts'
import type { LiveSession, SessionScope } from '../events/live-session.ts'
import type { LogRecord } from '../events/log-record.ts'
import type { RevocationInForce, StatusListEntry } from '../events/status-list-entry.ts'
import type { EpochMs, EventId, LogId, StreamId } from '../kernel/ids.ts'

/**
 * What the log is to be told of a commit: the records, under the identity that the log was verified
 * to have, and which of them is the commit's last revocation.
 */
export type Telling = Readonly<{
  logId: LogId
  records: readonly LogRecord[]
  revocation: Readonly<{ index: number; id: EventId }> | null
}>

/** `told`: the offsets of the records that were told in the same transaction; else none was. */
export type Appended = Readonly<{ outcome: 'appended'; told?: readonly number[] }>
/**
 * The version was taken. `newest` is what a majority read shows now: it may lag behind the winner.
 */
export type Conflict = Readonly<{ outcome: 'conflict'; newest: Commit | null }>

/** What every gateway's relay shares: one small document. */
export type RelayState = Readonly<{
  /** max(the store's clock, the last tick): never goes back. */
  t: EpochMs
  logId: LogId | null
  /** The greatest acknowledged record of `auth.revocations` under `logId`. */
  acknowledged: Readonly<{ offset: number; id: EventId }> | null
  /** The newest closed time that some gateway wrote. */
  closed: EpochMs
}>

export type RelayScan = Readonly<{
  tick: RelayState
  /**
   * What the log must still hear: revocations that are not published and, of those in force at
   * `tick.t`, those published under another identity than `tick.logId` or below the log's start.
   * All of them that were acknowledged before `tick.t` unless `more`.
   */
  revocations: readonly Commit[]
  more: boolean
  /**
   * All other revocations in force lie in the log at this offset or above: a bound, the least
   * offset itself where it is cheap to tell. `null` where there are none, or no log yet.
   */
  low: number | null
}>

/**
 * The write side's truth: streams of commits with expected-version append.
 * - `append` admits one winner per version, and resolves once the commit survives a crash (of a
 *   majority, at scale).
 * - A read returns only what survives a crash, and everything that was acknowledged before it
 *   began.
 * - Not promised: a read of two streams is no snapshot; order between streams; that a rejected
 *   `append` did not happen (its fate is unknown: answer 503, decide anew). Every method rejects
 *   with STORE_UNAVAILABLE when the store does not answer in time.
 */
export interface EventStore {
  /** The newest commit of each stream, aligned with `streams`; `null` = no commits. */
  heads(streams: readonly StreamId[]): Promise<readonly (Commit | null)[]>
  /**
   * Commits of one stream from a version up, in order, at most `limit`. Pruned ones are left out.
   */
  read(stream: StreamId, from: number, limit: number): Promise<readonly Commit[]>
  /**
   * Inserts at `commit.id.v`, which must be newest + 1. Never overwrites. A store that lies in the
   * same files as the log also publishes `telling` and marks the commit, in the same transaction,
   * if the log's identity is still that one; every other store ignores it.
   */
  append(commit: NewCommit, telling?: Telling | null): Promise<Appended | Conflict>
  /**
   * Writes the tick, **then**, causally after it, reads the revocations that the log must hear, and
   * after these how low the others lie: one that is published between the two reads is in both, and
   * in the other order it would be in neither. `logStart` is where the log began when somebody
   * looked last; what lies below is as good as unpublished.
   */
  relayScan(limit: number, logStart?: number): Promise<RelayScan>
  /**
   * Revocations in force at `at` that were published under `logId` below `offset`, lowest first;
   * for telling the few again that would make readers begin far back.
   */
  publishedBelow(
    logId: LogId,
    offset: number,
    at: EpochMs,
    limit: number,
  ): Promise<readonly Commit[]>
  /** Other unpublished commits appended before `before`, oldest first. */
  unpublishedOthers(before: EpochMs, limit: number): Promise<readonly Commit[]>
  /**
   * Revocation commits, published or not, that are not expired at `at`, in a stable order after
   * `after`.
   */
  revocationsAfter(after: CommitId | null, at: EpochMs, limit: number): Promise<readonly Commit[]>
  /** The name of the first status list after `name`, in the order of code units. */
  listAfter(name: string): Promise<string | null>
  /**
   * The tokens of one status list, by the commits that say so, in a stable order after `after`. One
   * token may come more than once. Each is there as long as it may be alive, also where newer
   * commits of its session are pruned around it.
   */
  listed(list: string, after: CommitId | null, limit: number): Promise<readonly StatusListEntry[]>
  /**
   * Every revocation, published or not, that must still be remembered at `at`, in pages without an
   * order; one may come more than once. Rejects between pages as other methods do.
   */
  standingEnds(at: EpochMs): AsyncIterable<readonly RevocationInForce[]>
  /**
   * The sessions whose newest commit says that they live, with a token that lasts beyond `at`, in
   * pages without an order. Cutoffs may have ended them all the same; those are the caller's to
   * ask for. No snapshot: one that begins or ends meanwhile may be told or not. It costs a walk
   * over all sessions, whosever are wanted.
   */
  liveSessions(whose: SessionScope, at: EpochMs): AsyncIterable<readonly LiveSession[]>
  /**
   * Marks as published; `offset` is the commit's (last) record in `auth.revocations`, or `null` for
   * others.
   */
  markPublished(
    logId: LogId,
    marks: readonly Readonly<{ id: CommitId; offset: number | null }>[],
  ): Promise<void>
  /** Raises `acknowledged` under `logId`; without effect under another id. */
  noteAcknowledged(logId: LogId, at: Readonly<{ offset: number; id: EventId }>): Promise<void>
  noteClosed(logId: LogId, t: EpochMs): Promise<void>
  /**
   * Compare-and-set of the log's identity; a new one resets `acknowledged` to null and `closed` to
   * 0. Returns the id in force afterwards.
   */
  renewLogId(expected: LogId | null, next: LogId): Promise<LogId>
  /**
   * Sets a named value once for the whole fleet, or in place of `instead` where that is in force;
   * returns the one in force.
   */
  agree(name: string, value: string, instead?: string): Promise<string>
  /**
   * Deletes published commits of sessions that are past `expiresAt`, and those older than the
   * newest two of their stream and than `before` whose listed token, if any, is five minutes past
   * its `exp` at `at`; at most `limit`.
   */
  prune(at: EpochMs, before: EpochMs, limit: number): Promise<number>
  close(): Promise<void>
}
