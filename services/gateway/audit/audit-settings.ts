import { z } from 'zod'
import { field, httpUrl, optional } from '../../../shared/kernel/config.ts'

/** Who may ask for events. */
export const askingFields = {
  auditRole: field({
    env: 'CURFEW_AUDIT_ROLE',
    schema: z.string().regex(/^[A-Za-z0-9._:-]{1,64}$/, { error: 'is no role' }),
    otherwise: 'audit',
    takes: '1 to 64 of A-Z a-z 0-9 . _ : -',
    doc:
      'The role that lets a user read everybody’s events, sessions and accounts, and do nothing ' +
      'else.',
  }),
  auditorUrl: optional({
    env: 'CURFEW_AUDITOR_URL',
    schema: httpUrl,
    takes: 'an address',
    doc:
      'Where `curfew auditor` answers, for this gateway alone. It then shows guards the newest ' +
      'signed head of the trail, which each compares once a minute with the one before. On one ' +
      'machine `curfew start` shows that of its own trail. Name only one auditor: each signs ' +
      'heads of its own.',
  }),
} as const
