import { z } from 'zod'
import { agreedNames } from '../../../shared/fleet/token-names.ts'
import { field, list, listTakes, optional, text } from '../../../shared/kernel/config.ts'

const agreedNameList: readonly string[] = agreedNames

/** What all gateways of a fleet share. */
export const fleetFields = {
  changeNames: field({
    env: 'CURFEW_CHANGE_NAMES',
    schema: list.pipe(
      z.array(
        z.string().refine((name) => agreedNameList.includes(name), {
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
  keysDir: optional({
    env: 'CURFEW_KEYS_DIR',
    schema: text(),
    takes: 'a folder',
    doc:
      'Signing keys, refresh keys and the log’s MAC keys (files of mode 0600, made on first ' +
      'start). Without it, `keys` in CURFEW_DATA_DIR. Every gateway of a fleet needs the same ' +
      'files.',
  }),
} as const
