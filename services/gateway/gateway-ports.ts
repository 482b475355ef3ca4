import type { Drain } from '../../shared/http/drain.ts'
import type { Clock } from '../../shared/kernel/clock.ts'
import type { Entropy } from '../../shared/kernel/entropy.ts'
import type { Logger } from '../../shared/kernel/logger.ts'
import type { Meter } from '../../shared/metrics/meter.ts'
import type { AuditIndex } from '../../shared/ports/audit-index.ts'
import type { BlacklistView } from '../../shared/ports/blacklist-view.ts'
import type { Credentials } from '../../shared/ports/credentials.ts'
import type { EventLog } from '../../shared/ports/event-log.ts'
import type { EventStore } from '../../shared/ports/event-store.ts'
import type { GuardRegistry } from '../../shared/ports/guard-registry.ts'
import type { PersonalKeys } from '../../shared/ports/personal-keys.ts'
import type { RateLimits } from '../../shared/ports/rate-limits.ts'
import type { Receivers } from '../../shared/ports/receivers.ts'
import type { SessionList } from '../../shared/ports/session-list.ts'
import type { TrailHeads } from '../../shared/ports/trail-heads.ts'
import type { UserDirectory } from '../../shared/ports/user-directory.ts'
import type { KeyFiles } from '../../shared/tokens/key-rings/index.ts'
import type { HashCost } from './accounts/index.ts'
import type { KeyWatch, Troubles } from './lifecycle/index.ts'

/** What a gateway is built on, beside its settings. */
export type GatewayPorts = Readonly<{
  store: EventStore
  /** Whether the store tells the log of what it appends: where both lie in one file. */
  tellsWithAppend?: boolean
  log: EventLog
  directory: UserDirectory
  /** A team's own directory, in place of the built-in one. */
  ownDirectory?: Credentials | null
  limits: RateLimits
  sessions: SessionList
  guards: GuardRegistry
  receivers: Receivers
  audit: AuditIndex
  /** How far projectors came; absent where this gateway may not look. */
  view?: Pick<BlacklistView, 'closed'> | null
  personalKeys: PersonalKeys
  /** The signed heads of the trail; absent where this gateway knows of none. */
  trailHeads?: TrailHeads | null
  keys: KeyFiles
  /** Tells each key that signs from now on, and each that is gone. */
  keyChanges?: KeyWatch['onChange']
  /** The name of `auth.revocations` on the broker; absent if the log is not Kafka. */
  topics?: string | null
  /** What new password hashes cost; OWASP's recommendation without it. */
  hashCost?: HashCost
  clock: Clock
  entropy: Entropy
  logger: Logger
  meter?: Meter | null
  troubles?: Troubles
  /** The drain of the process: once it begins, `/readyz` says not ready. */
  drain?: Drain | null
}>
