import { createHmac } from 'node:crypto'
import type { MacRing } from '../../events/record-mac.ts'

export type LogReaderCredential = Readonly<{ id: string; secret: string }>

/**
 * Credentials for introspection that follow from the log's MAC ring, one for each of its keys, the
 * active one first: a service that reads the log itself can ask the gateway when it is stale, with
 * nothing else to set up. Who holds the ring could forge revocations; asking whether a token lives
 * is the lesser power.
 */
export const logReaderCredentials = ({ active, keys }: MacRing): readonly LogReaderCredential[] =>
  [...keys]
    .map(([kid, key]) => ({
      id: `log-reader.${kid}`,
      secret: createHmac('sha256', key).update('curfew introspection 1').digest('base64url'),
    }))
    .sort((a) => (a.id === `log-reader.${active}` ? -1 : 1))
