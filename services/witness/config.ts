import { z } from 'zod'
import { backendFields } from '../../shared/backends/config.ts'
import { drainFields } from '../../shared/http/drain.ts'
import { field, list, listTakes, optional, text } from '../../shared/kernel/config.ts'
import { processFields } from '../../shared/kernel/process/process-settings.ts'
import { metricsFields } from '../../shared/metrics/metrics-settings.ts'
import { parseVerifierKey } from '../../shared/tlog/note-key.ts'

/** @throws never; what is no verifier key makes the setting wrong */
const isLogKey = (key: string): boolean => {
  try {
    return parseVerifierKey(key).kind === 'log'
  } catch {
    return false
  }
}

export const witnessFields = {
  ...processFields,
  ...metricsFields,
  ...drainFields,
  dataDir: backendFields.dataDir,
  groupAccess: backendFields.groupAccess,
  keysDir: optional({
    env: 'CURFEW_KEYS_DIR',
    schema: text(),
    takes: 'a folder',
    doc: 'Where the witness’s `witness.json` is. Without it, `keys` in CURFEW_DATA_DIR.',
  }),
  witnessName: field({
    env: 'CURFEW_WITNESS_NAME',
    schema: z.string().regex(/^[A-Za-z0-9._~:/-]{1,200}$/, {
      error: 'is no address without a scheme',
    }),
    otherwise: 'localhost/witness',
    takes: 'an address without a scheme, such as witness.example.org/w1',
    doc:
      'The name of the witness, by which others know its key. It keeps the name that it began ' +
      'with.',
  }),
  witnessLogs: optional({
    env: 'CURFEW_WITNESS_LOGS',
    schema: list.refine((keys) => keys.length > 0 && keys.every(isLogKey), {
      error: 'has a value that is no verifier key of a log',
    }),
    takes: `verifier keys (name+id+key), ${listTakes}`,
    doc:
      'The keys of the logs that it cosigns: lines of the file `verifier-keys` of a trail. A key ' +
      'signs the log of its name and those below it. `curfew witness` needs one.',
  }),
} as const
