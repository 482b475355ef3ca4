import type { EventCheck } from '../../../shared/events/event-mac.ts'
import type { Clock } from '../../../shared/kernel/clock.ts'
import type { Entropy } from '../../../shared/kernel/entropy.ts'
import type { Logger } from '../../../shared/kernel/logger.ts'
import type { Meter } from '../../../shared/metrics/meter.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import type { Receivers } from '../../../shared/ports/receivers.ts'
import type { SecurityEventKeys } from '../../../shared/tokens/key-rings/index.ts'
import type { StoreClock } from '../publication/index.ts'

/** What the transmitter of security events needs. */
export type TransmitterDeps = Readonly<{
  receivers: Receivers
  log: EventLog
  store: Pick<EventStore, 'agree'>
  sets: SecurityEventKeys
  /** How it tells that a gateway wrote an event. */
  events: EventCheck
  issuer: string
  /** The address before the path at which receivers poll. */
  baseUrl: string
  clock: Clock
  storeClock: StoreClock
  entropy: Entropy
  logger: Logger
  meter: Meter | null
  /** Whether receivers may have private addresses, and plain http. */
  allowPrivate: boolean
  /** Whether a new stream begins with all subjects, or with none. */
  hasAllSubjects: boolean
}>
