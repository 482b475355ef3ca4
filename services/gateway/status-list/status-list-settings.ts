import { duration, durationTakes, field, flag, flagTakes } from '../../../shared/kernel/config.ts'

const hourMs = 3_600_000

/** Whether tokens are in status lists, for services that read those (Token Status List). */
export const statusListFields = {
  statusList: field({
    env: 'CURFEW_STATUS_LIST',
    schema: flag,
    otherwise: 'false',
    takes: flagTakes,
    doc:
      'Puts access and sliding tokens in status lists and tells them so in the claim `status`. ' +
      'Lists of tokens that were issued so are served either way.',
  }),
  statusListTtlMs: field({
    env: 'CURFEW_STATUS_LIST_TTL',
    schema: duration(1_000).refine((ms) => ms <= hourMs, { error: 'must be at most 1h' }),
    otherwise: '15s',
    takes: durationTakes,
    doc:
      'How long a reader may use its copy of a status list, in whole seconds. The gateway hands ' +
      'a list out for as long, 5s at most; both together are the bound of that door.',
  }),
} as const
