import { z } from 'zod'
import { field, flag, flagTakes } from '../../../shared/kernel/config.ts'

/** Which addresses receivers may have, and which subjects a new stream begins with. */
export const receiverFields = {
  receiversPrivate: field({
    env: 'CURFEW_RECEIVERS_PRIVATE',
    schema: flag,
    otherwise: 'false',
    takes: flagTakes,
    doc:
      'Lets receivers of revocations have private addresses and plain http. A service client may ' +
      'then make the gateway call any address of its network.',
  }),
  receiversSubjects: field({
    env: 'CURFEW_RECEIVERS_SUBJECTS',
    schema: z.enum(['ALL', 'NONE'], { error: 'is neither ALL nor NONE' }),
    otherwise: 'ALL',
    takes: 'ALL or NONE',
    doc: 'Whom a new SSF stream is told of before it adds or removes subjects.',
  }),
} as const
