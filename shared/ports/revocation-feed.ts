import type { RevocationItem } from '../events/revocation-record.ts'

export interface FeedSink {
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
 */
export interface RevocationFeed {
  open(sink: FeedSink): Promise<void>
  close(): Promise<void>
}
