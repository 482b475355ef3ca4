import { backendFields } from '../../shared/backends/config.ts'
import { drainFields } from '../../shared/http/drain.ts'
import {
  eventsMacField,
  logMacField,
  unsignedEventsField,
} from '../../shared/http/log-reader-settings.ts'
import { serviceClientsField } from '../../shared/http/service-clients.ts'
import {
  duration,
  durationTakes,
  field,
  flag,
  flagTakes,
  optional,
  originUrl,
  text,
} from '../../shared/kernel/config.ts'
import { processFields } from '../../shared/kernel/process/process-settings.ts'
import { metricsFields } from '../../shared/metrics/metrics-settings.ts'
import { trailFields } from './trail-settings.ts'

/** Settings that `curfew start` has as well, since it runs an auditor. */
export const auditFields = {
  audit: field({
    env: 'CURFEW_AUDIT',
    schema: flag,
    otherwise: 'true',
    takes: flagTakes,
    doc:
      'Whether `curfew start` keeps the trail: a signed log of every event, in CURFEW_AUDIT_DIR. ' +
      'At scale `curfew auditor` does.',
  }),
  auditDelayMaxMs: field({
    env: 'CURFEW_AUDIT_DELAY_MAX',
    schema: duration().refine((ms) => ms <= 45_000, { error: 'must be at most 45s' }),
    otherwise: '10s',
    takes: durationTakes,
    doc:
      'How long trail and index of `curfew start` wait at most while requests keep the process ' +
      'busy, so that a surge of logins and refreshes is served first; at most 45s, `0` for not ' +
      'at all.',
  }),
  ...trailFields,
} as const

export const auditorFields = {
  ...processFields,
  ...backendFields,
  ...metricsFields,
  ...drainFields,
  ...trailFields,
  logMacFile: logMacField,
  eventsMacFile: eventsMacField,
  unsignedEvents: unsignedEventsField,
  serviceClients: serviceClientsField,
  keysDir: optional({
    env: 'CURFEW_KEYS_DIR',
    schema: text(),
    takes: 'a folder',
    doc: 'Where the auditor’s `audit.json` is. Without it, `keys` in CURFEW_DATA_DIR.',
  }),
  publicUrl: optional({
    env: 'CURFEW_PUBLIC_URL',
    schema: originUrl,
    takes: 'the address that browsers use, without a path',
    doc: 'Names the trail, unless CURFEW_AUDIT_ORIGIN does.',
  }),
} as const
