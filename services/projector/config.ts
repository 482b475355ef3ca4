import { backendFields } from '../../shared/backends/config.ts'
import { optional, text } from '../../shared/kernel/config.ts'
import { processFields } from '../../shared/kernel/process-fields.ts'

/** Every process that reads the log checks who wrote it. */
export const logMacField = optional({
  env: 'CURFEW_LOG_MAC_FILE',
  schema: text(),
  takes: 'a file',
  doc: 'The ring that revocations are signed with (`log-mac.json` of the gateway’s keys). Without it, `keys/log-mac.json` in CURFEW_DATA_DIR.',
})

export const projectorFields = { ...processFields, ...backendFields, logMacFile: logMacField }
