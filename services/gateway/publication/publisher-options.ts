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
  /** For bounds on durations only. */
  clock?: Clock
  /** The verified identity of the log; `null` until the relay has verified it. */
  logId: () => LogId | null
  /** Told of every failed request, so that the log is verified anew afterwards. */
  onFailure: () => void
  /** Told of each commit that the log has taken whole, again where it is told again. */
  onPublished?: readonly ((commit: NewCommit) => void)[]
}>
