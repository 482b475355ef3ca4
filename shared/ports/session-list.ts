import type { SessionEntry } from '../events/session-entry.ts'
import type { EpochMs, SessionId, SubjectId } from '../kernel/ids.ts'

/** Where a page ended: the last entry's start and id. */
export type SessionCursor = Readonly<{ at: EpochMs; sid: SessionId }>

/**
 * The sessions of each user, as `auth.events` tells of them.
 * - `fold` merges as `mergeSession` does: duplicates, redelivery and any order give the same
 *   entries. It resolves once they survive a crash, so that the checkpoint may move after it.
 * - `page` gives a user's sessions whose first use was read, newest start first.
 * - Not promised: that an entry is there as soon as its session is (the log is read behind it),
 *   that it tells of cutoffs, or that it is deleted at `keepUntil` (clean-up is late). Whether a
 *   session lives is asked of the event store.
 * Rejects with STORE_UNAVAILABLE.
 */
export interface SessionList {
  fold(entries: readonly SessionEntry[]): Promise<void>
  page(sub: SubjectId, after: SessionCursor | null, limit: number): Promise<readonly SessionEntry[]>
  /** Deletes what may be forgotten at `at`, at most `limit`; a no-op where the database does it. */
  sweep(at: EpochMs, limit: number): Promise<number>
  close(): Promise<void>
}
