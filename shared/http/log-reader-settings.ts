import { z } from 'zod'
import { unsignedEvents } from '../events/event-mac.ts'
import { field, optional, text } from '../kernel/config.ts'

/** Every process that reads the log checks who wrote it. */
export const logMacField = optional({
  env: 'CURFEW_LOG_MAC_FILE',
  schema: text(),
  takes: 'a file',
  doc:
    'The ring that revocations are signed with (`log-mac.json` of the gateway’s keys). ' +
    'Without it, `keys/log-mac.json` in CURFEW_DATA_DIR.',
})

/** Who reads `auth.events` checks who wrote it by a ring that readers of revocations lack. */
export const eventsMacField = optional({
  env: 'CURFEW_EVENTS_MAC_FILE',
  schema: text(),
  takes: 'a file',
  doc:
    'The ring that events are signed with (`events-mac.json` of the gateway’s keys). ' +
    'Without it, `keys/events-mac.json` in CURFEW_DATA_DIR.',
})

export const unsignedEventsField = field({
  env: 'CURFEW_UNSIGNED_EVENTS',
  schema: z.enum(unsignedEvents, { error: 'is neither' }),
  otherwise: 'park',
  takes: unsignedEvents.join(', '),
  doc:
    'What becomes of a record of `auth.events` without a MAC. `accept` only while gateways run ' +
    'that are too old to sign, or while a projector reads what these wrote from the start: ' +
    'meanwhile, whoever may write to the topic can write history.',
})
