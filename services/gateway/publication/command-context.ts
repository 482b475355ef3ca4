import type { NewCommit } from '../../../shared/events/commit.ts'
import type { Act } from '../../../shared/events/event.ts'
import type { Clock } from '../../../shared/kernel/clock.ts'
import type { Entropy } from '../../../shared/kernel/entropy.ts'
import type { Logger } from '../../../shared/kernel/logger.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import type { EventSealer } from '../../../shared/privacy/index.ts'
import type { PublishInAppend } from './publish-in-append.ts'
import type { StoreClock } from './store-clock.ts'

/**
 * What every command needs to decide and to append: the store, its clock, and who acts. The start
 * makes one for the gateway itself; each request gets a copy that knows its caller.
 */
export type CommandContext = Readonly<{
  store: EventStore
  storeClock: StoreClock
  /** Used for durations only; decisions take the time from `storeClock`. */
  clock: Clock
  entropy: Entropy
  logger: Logger
  /** Who acts: the caller of the request, or the gateway itself. */
  act: () => Act
  /** The id of the request that it is for; absent where none asked. */
  request?: string
  /** Seals what commits say of persons; absent where events are in clear. */
  sealer?: Pick<EventSealer, 'seal'>
  /** Absent where the log is told after the append alone. */
  announcer?: PublishInAppend
  /** Called once for each commit that this context appended. */
  onAppended: (commit: NewCommit) => void
  /** How long a request may retry after conflicts, in ms; then 503. */
  deadlineMs: number
  /** Whether this gateway knows of an auditor, which signs receipts. */
  hasTrail?: boolean
  /** How long a revocation waits for the log before it answers `pending`, in ms. */
  publishTimeoutMs: number
}>

/** What a command that only reads the store needs. */
export type ReadContext = Pick<CommandContext, 'store' | 'storeClock'>
