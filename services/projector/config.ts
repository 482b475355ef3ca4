import { backendFields, logMacField } from '../../shared/backends/config.ts'
import { processFields } from '../../shared/kernel/process-fields.ts'

export const projectorFields = { ...processFields, ...backendFields, logMacFile: logMacField }
