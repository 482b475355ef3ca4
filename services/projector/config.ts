import { backendFields } from '../../shared/backends/config.ts'
import { drainFields } from '../../shared/http/drain.ts'
import {
  eventsMacField,
  logMacField,
  unsignedEventsField,
} from '../../shared/http/log-reader-settings.ts'
import { duration, durationTakes, field } from '../../shared/kernel/config.ts'
import { processFields } from '../../shared/kernel/process/process-settings.ts'
import { metricsFields } from '../../shared/metrics/metrics-settings.ts'
import { feedFields } from './feed/open-feed.ts'

export const projectorFields = {
  ...processFields,
  ...backendFields,
  ...metricsFields,
  ...feedFields,
  ...drainFields,
  logMacFile: logMacField,
  eventsMacFile: eventsMacField,
  unsignedEvents: unsignedEventsField,
  viewAgeMaxMs: field({
    env: 'CURFEW_VIEW_MAX_AGE',
    schema: duration(1_000),
    otherwise: '15s',
    takes: durationTakes,
    doc: 'How long the view’s closed time may stand still before `/readyz` is 503.',
  }),
}
