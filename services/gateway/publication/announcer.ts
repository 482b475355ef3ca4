import type { NewCommit } from '../../../shared/events/commit.ts'
import type { Telling } from '../../../shared/ports/event-store.ts'

/**
 * Of a gateway whose store tells the log of what it appends, in the same transaction. What cannot
 * be told so is published afterwards, as everywhere else.
 */
export type Announcer = Readonly<{
  /** What the log is to be told with the append; `null` where something must be told before it. */
  prepare: (commit: NewCommit) => Telling | null
  /** The store told it, at these offsets. */
  told: (commit: NewCommit, telling: Telling, offsets: readonly number[]) => void
}>
