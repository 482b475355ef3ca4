import { field, whole } from '../../../shared/kernel/config.ts'

/** When many revocations are an alarm. */
export const revocationFields = {
  massRevocationsMax: field({
    env: 'CURFEW_MASS_REVOCATIONS_MAX',
    schema: whole(0, 1_000),
    otherwise: '5',
    takes: 'a number up to 1000; 0 for no alarm',
    doc:
      'How often within an hour everyone, or all of a client, may be logged out in the fleet. ' +
      'The first beyond it is the event `RevocationsSurged` and a warning; nothing is held up.',
  }),
} as const
