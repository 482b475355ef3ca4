import type { RevocationItem } from '../events/revocation-record.ts'

/** Revocations of tokens or sessions, as an image has them: `imageRowBytes` each. */
export type RevocationRows = Readonly<{
  of: 'jti' | 'sid'
  rows: DataView
  /** About how many rows and items follow the last reset, these and all others. */
  entries: number
}>

export interface FeedSink {
  /**
   * As `onItems` of so many revocations, which say nothing about places. A sink without it is told
   * items alone.
   */
  onRows?(rows: RevocationRows): void
  /** Items in log order. */
  onItems(items: readonly RevocationItem[]): void
  /**
   * What was told is not to be trusted any more (a gap, the log's start moved): forget it, start
   * anew.
   */
  onReset(reason: string): void
  /** Everything that was in the log when the feed opened has been told. */
  onCaughtUp(): void
  onTrouble(error: Error): void
}

/**
 * How a guard hears of revocations: from the start of the log, then as they come.
 * - No item is skipped: after trouble the feed goes on behind the last item, or resets.
 * - Items may repeat. MACs are checked before an item is told.
 * - An item's `offset` is that of `auth.revocations`, and a claim: with it, all that lies at or
 *   below it and is still in force has been told. A guard answers positions by it. So a feed that
 *   begins with a snapshot gives the snapshot's items the offset −1, and the checkpoint's offset
 *   to the closed time that ends it.
 * - A closed time is told after everything before it, with the `logId` and `t` that the log has;
 *   none is made up by the feed, and none is repeated to show that a connection lives.
 * - Closed times under an identity of the log that is no longer in force may be left out. When the
 *   identity changes, the feed resets, or tells the first closed time of the new one only after all
 *   revocations before it.
 * - After a reset everything is told again, and `onCaughtUp` comes again.
 */
export interface RevocationFeed {
  /** Rejects when the source cannot be reached; may be called again, also after `close`. */
  open(sink: FeedSink): Promise<void>
  close(): Promise<void>
}
