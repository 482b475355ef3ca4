import { z } from 'zod'
import { agreedNames } from '../../../shared/fleet/token-names.ts'
import { field, list, listTakes, whole } from '../../../shared/kernel/config.ts'

const known: readonly string[] = agreedNames

/** What a gateway may change of what its store remembers. */
export const fleetFields = {
  changeNames: field({
    env: 'CURFEW_CHANGE_NAMES',
    schema: list.pipe(
      z.array(
        z.string().refine((name) => known.includes(name), {
          error: `is none of ${agreedNames.join(', ')}`,
        }),
      ),
    ),
    otherwise: '',
    takes: `${listTakes}: ${agreedNames.join(', ')}`,
    doc:
      'The store remembers the issuer and audience of its tokens and the names of their cookies, ' +
      'and a start that differs is refused, since two gateways would refuse each other’s tokens. ' +
      'What is named here is changed instead: for one start of each gateway, all of them down. ' +
      'Whoever is logged in has to log in again.',
  }),
  massRevocationsMax: field({
    env: 'CURFEW_MASS_REVOCATIONS_MAX',
    schema: whole(0, 1_000),
    otherwise: '5',
    takes: 'a number up to 1000; 0 for no alarm',
    doc:
      'How often within an hour everyone, or all of a client, may be logged out in the fleet. ' +
      'The first beyond it is the event `RevocationsSurged` and a warning; nothing is held up.',
  }),
}
