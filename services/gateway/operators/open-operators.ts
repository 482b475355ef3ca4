import type { EventCheck } from '../../../shared/events/event-mac.ts'
import { type ShownSetting, shownSettings } from '../../../shared/kernel/shown-settings.ts'
import type { AuditIndex } from '../../../shared/ports/audit-index.ts'
import type { BlacklistView } from '../../../shared/ports/blacklist-view.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import type { Receivers } from '../../../shared/ports/receivers.ts'
import { EventRates } from './event-rates.ts'
import { type Configured, type KnownClient, knownClients } from './known-clients.ts'

/** What whoever runs a fleet looks at. */
export type Operators = Readonly<{
  rates: EventRates
  log: EventLog
  /** `null` where this process has none. */
  view: Pick<BlacklistView, 'closed'> | null
  receivers: Receivers
  settings: readonly ShownSetting[]
  clients: readonly KnownClient[]
}>

type Parts = Readonly<{
  audit: AuditIndex
  events: EventCheck
  log: EventLog
  view?: Operators['view']
  receivers: Receivers
}>

export const openOperators = (
  config: Configured,
  { audit: index, events, log, view = null, receivers }: Parts,
): Operators => ({
  rates: new EventRates({ index, events }),
  ...{ log, view, receivers },
  settings: shownSettings(config),
  clients: knownClients(config),
})
