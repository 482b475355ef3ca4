import type { NewCommit } from '../../../shared/events/commit.ts'
import type { Telling } from '../../../shared/ports/event-store.ts'

/**
 * For an embedded gateway: the store appends a commit and writes its records to the log in the same
 * transaction. A commit for which that cannot be done is published afterwards, as everywhere else.
 */
export type PublishInAppend = Readonly<{
  /**
   * What the log is to be told with the append; `null` where something must be told before it.
   * Whoever asked says `appended` once the store answered, or failed.
   */
  prepare: (commit: NewCommit) => Telling | null
  /** The append is over, whatever came of it. Who publishes the commit does so in this turn. */
  appended: (commit: NewCommit) => void
  /** The store told it, at these offsets. */
  told: (commit: NewCommit, telling: Telling, offsets: readonly number[]) => void
}>
