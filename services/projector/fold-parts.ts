import type { EventCheck } from '../../shared/events/event-mac.ts'
import type { MacRing } from '../../shared/events/record-mac.ts'
import type { Clock } from '../../shared/kernel/clock.ts'
import type { Logger } from '../../shared/kernel/logger.ts'
import type { Meter } from '../../shared/metrics/meter.ts'
import type { BlacklistView } from '../../shared/ports/blacklist-view.ts'
import type { EventLog } from '../../shared/ports/event-log.ts'
import type { PersonalKeys } from '../../shared/ports/personal-keys.ts'
import type { SessionList } from '../../shared/ports/session-list.ts'

/** What folding the log uses. */
export type FoldParts = Readonly<{
  log: EventLog
  view: BlacklistView
  sessions: SessionList
  /** Drops the keys of whom the log says that they were erased. */
  personalKeys?: Pick<PersonalKeys, 'erase'>
  ring: MacRing
  /** How it tells that a gateway wrote an event. */
  events: EventCheck
  clock: Clock
  logger: Logger
  meter?: Meter | null
}>
