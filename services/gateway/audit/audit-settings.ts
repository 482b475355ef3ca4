import { z } from 'zod'
import { field } from '../../../shared/kernel/config.ts'

/** Who may ask for events. */
export const askingFields = {
  auditRole: field({
    env: 'CURFEW_AUDIT_ROLE',
    schema: z.string().regex(/^[A-Za-z0-9._:-]{1,64}$/, { error: 'is no role' }),
    otherwise: 'audit',
    takes: '1 to 64 of A-Z a-z 0-9 . _ : -',
    doc: 'The role that lets a user read everybody’s events, and do nothing else.',
  }),
} as const
