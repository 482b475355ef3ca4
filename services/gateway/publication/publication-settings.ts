import { z } from 'zod'
import { duration, durationTakes, field } from '../../../shared/kernel/config.ts'

const second = 1_000
const dayMs = 86_400_000
const eventPrivacies = ['sealed', 'clear'] as const

/** How long a request decides and waits for the log, and how often the relay runs. */
export const publicationFields = {
  publishTimeoutMs: field({
    env: 'CURFEW_PUBLISH_TIMEOUT',
    schema: duration(10),
    otherwise: '1s',
    takes: durationTakes,
    doc: 'How long a revocation waits for the log before it answers `pending`.',
  }),
  deadlineMs: field({
    env: 'CURFEW_REQUEST_DEADLINE',
    schema: duration(100).refine((ms) => ms <= 20 * second, { error: 'must be at most 20s' }),
    otherwise: '5s',
    takes: durationTakes,
    doc: 'How long a request may contend for a session before 503; at most 20s.',
  }),
  tickMs: field({
    env: 'CURFEW_TICK',
    schema: duration(20).refine((ms) => ms <= 5 * second, { error: 'must be at most 5s' }),
    otherwise: '250ms',
    takes: durationTakes,
    doc: 'How often closed time is written: the grain of every guard’s freshness.',
  }),
  eventPrivacy: field({
    env: 'CURFEW_EVENT_PRIVACY',
    schema: z.enum(eventPrivacies, { error: 'is none of them' }),
    otherwise: 'sealed',
    takes: eventPrivacies.join(', '),
    doc:
      'Whether addresses, agents and names are sealed in events, under a key of each person, ' +
      'which an erasure drops. With `clear` nobody can be erased from events written meanwhile.',
  }),
  unknownRetentionMs: field({
    env: 'CURFEW_AUDIT_UNKNOWN_RETENTION',
    schema: duration(dayMs),
    otherwise: '90d',
    takes: durationTakes,
    doc:
      'How long events show from where somebody came whom nobody knows, as at a login under a ' +
      'name that nobody has; at least 1d.',
  }),
} as const
