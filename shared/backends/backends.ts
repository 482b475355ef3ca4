import type { Clock } from '../kernel/clock.ts'
import type { Entropy } from '../kernel/entropy.ts'
import type { AuthError } from '../kernel/errors.ts'
import type { Lifecycle } from '../kernel/lifecycle.ts'
import type { Logger } from '../kernel/logger.ts'
import type { AuditIndex } from '../ports/audit-index.ts'
import type { BlacklistView } from '../ports/blacklist-view.ts'
import type { EventLog } from '../ports/event-log.ts'
import type { EventStore } from '../ports/event-store.ts'
import type { GuardRegistry } from '../ports/guard-registry.ts'
import type { PersonalKeys } from '../ports/personal-keys.ts'
import type { RateLimits } from '../ports/rate-limits.ts'
import type { Receivers } from '../ports/receivers.ts'
import type { SessionList } from '../ports/session-list.ts'
import type { UserDirectory } from '../ports/user-directory.ts'
import type { BackendConfig } from './config.ts'

/**
 * `thread`: a thread of this process writes, also what others ask for at the socket `serves`.
 * `socket`: such a thread of another process.
 */
export type LmdbWriter =
  | Readonly<{ kind: 'thread'; serves?: string }>
  | Readonly<{ kind: 'socket'; path: string }>

export type BackendOptions = Readonly<{
  config: BackendConfig
  clock: Clock
  entropy: Entropy
  logger: Logger
  /** Everything opened here is closed by it, in reverse. */
  parts: Lifecycle
  /** Shown to the broker. */
  service: string
  /** In the names of Kafka groups. */
  fleet?: string | undefined
  /**
   * The longest access or sliding lifetime of this process; retention of revocations follows from
   * it.
   */
  longestLifetimeMs: number
  /** The gateways': a fleet's first start on topics that lose what is published is refused. */
  refusesWrongTopics?: boolean
  /** Where an embedded store is written; a short command does so in place. */
  lmdbWriter?: LmdbWriter
}>

/** The ports of one machine or one fleet; each is opened when first asked for. */
export interface Backends {
  store(): EventStore
  /** Whether the store tells the log of what it appends, in the same transaction. */
  readonly tellsWithAppend: boolean
  view(): BlacklistView
  sessions(): SessionList
  guards(): GuardRegistry
  directory(): UserDirectory
  limits(): RateLimits
  receivers(): Receivers
  audit(): AuditIndex
  personalKeys(): PersonalKeys
  /** What the store lacks and no waiting mends, such as indexes that it refuses to make. */
  trouble(): AuthError | null
  log(role: 'writer' | 'projector' | 'auditor' | 'reader'): Promise<EventLog>
}
