import type { NewCommit } from '../../shared/events/commit.ts'
import type { Act } from '../../shared/events/event.ts'
import type { Clock } from '../../shared/kernel/clock.ts'
import type { Entropy } from '../../shared/kernel/entropy.ts'
import type { ClientId } from '../../shared/kernel/ids.ts'
import type { Logger } from '../../shared/kernel/logger.ts'
import type { EventStore } from '../../shared/ports/event-store.ts'
import type { GuardRegistry } from '../../shared/ports/guard-registry.ts'
import type { SessionList } from '../../shared/ports/session-list.ts'
import type { UserDirectory } from '../../shared/ports/user-directory.ts'
import type { Lister } from '../../shared/session/listing.ts'
import type { SessionPolicy } from '../../shared/session/policy.ts'
import type { LoginLimits } from './accounts/login-limits.ts'
import type { Passwords } from './accounts/password-hashing.ts'
import type { People } from './accounts/user-lookup.ts'
import type { Publisher } from './publication/publisher.ts'
import type { StoreClock } from './publication/store-clock.ts'
import type { ClaimsHook } from './tokens/claims-hook.ts'
import type { TokenDesk } from './tokens/token-issuer.ts'

/** What the gateway's commands work with; made once in `compose.ts`. */
export type GatewayParts = Readonly<{
  store: EventStore
  /** The built-in directory, also where a team keeps its users elsewhere. */
  directory: UserDirectory
  sessions: SessionList
  guards: GuardRegistry
  /** A team's own directory, in place of the built-in one. */
  ownPeople: People | null
  publisher: Publisher
  limits: LoginLimits
  passwords: Passwords
  tokens: TokenDesk
  /** Puts tokens in status lists; `null` where they are in none. */
  lister: Lister | null
  hook: ClaimsHook
  storeClock: StoreClock
  clock: Clock
  entropy: Entropy
  logger: Logger
  policy: SessionPolicy
  client: ClientId
  /** The claim that holds the user's id, and which of a user's members that is. */
  userIdClaim: string
  userIdField: 'id' | 'username'
  checkUserIsActive: boolean
  /** How many sessions a user may have; 0 = any number. */
  maxSessions: number
  updateLastLogin: boolean
  /** Of which no password is made, beside our own and the user's name. */
  passwordWords: readonly string[]
  /** On whose word things happen now: that of a request's caller, or the gateway's own. */
  act: () => Act
  /** Called once for each commit that these parts appended. */
  onAppended: (commit: NewCommit) => void
  /** How long a request may go on deciding, in ms; then 503. */
  deadlineMs: number
  /** How long a revocation waits for the log before it answers `pending`, in ms. */
  publishTimeoutMs: number
}>
