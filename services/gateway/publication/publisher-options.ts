import type { NewCommit } from '../../../shared/events/commit.ts'
import type { Clock } from '../../../shared/kernel/clock.ts'
import type { LogId } from '../../../shared/kernel/ids.ts'
import type { Logger } from '../../../shared/kernel/logger.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import type { Encoder } from './commit-records.ts'

export type PublisherOptions = Readonly<{
  log: EventLog
  store: EventStore
  encoder: Encoder
  logger: Logger
  /** Used for durations only. */
  clock?: Clock
  /** The verified identity of the log; `null` until the relay has verified it. */
  logId: () => LogId | null
  /** Called after every failed request, so that the log is verified anew. */
  onFailure: () => void
  /** Called for each commit of which the log took every record, each time it is published. */
  onPublished?: readonly ((commit: NewCommit) => void)[]
}>
