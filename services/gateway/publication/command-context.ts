import type { NewCommit } from '../../../shared/events/commit.ts'
import type { Act } from '../../../shared/events/event.ts'
import type { Clock } from '../../../shared/kernel/clock.ts'
import type { Entropy } from '../../../shared/kernel/entropy.ts'
import type { Logger } from '../../../shared/kernel/logger.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import type { StoreClock } from './store-clock.ts'

/**
 * What every command decides and appends with: the store, its clock, and on whose word. One of the
 * gateway itself is made at the start; each request gets a copy that knows its caller.
 */
export type CommandContext = Readonly<{
  store: EventStore
  storeClock: StoreClock
  /** For durations; no decision rests on what it says of the time. */
  clock: Clock
  entropy: Entropy
  logger: Logger
  /** On whose word things happen now: that of a request's caller, or the gateway's own. */
  act: () => Act
  /** Called once for each commit that this context appended. */
  onAppended: (commit: NewCommit) => void
  /** How long a request may go on deciding, in ms; then 503. */
  deadlineMs: number
  /** How long a revocation waits for the log before it answers `pending`, in ms. */
  publishTimeoutMs: number
}>

/** What looking at the store takes. */
export type ReadContext = Pick<CommandContext, 'store' | 'storeClock'>
