import { backendFields, logMacField } from '../../shared/backends/config.ts'
import { drainFields } from '../../shared/http/drain.ts'
import { processFields } from '../../shared/kernel/process-fields.ts'
import { metricsFields } from '../../shared/metrics/metrics-fields.ts'
import { feedFields } from './feed/open-feed.ts'

export const projectorFields = {
  ...processFields,
  ...backendFields,
  ...metricsFields,
  ...feedFields,
  ...drainFields,
  logMacFile: logMacField,
}
