import { AuthError } from '../../../../shared/kernel/errors.ts'
import type { ClientId } from '../../../../shared/kernel/ids.ts'
import type { EventLog } from '../../../../shared/ports/event-log.ts'
import type { Receiver, ReceiverConfig, ReceiverKind } from '../../../../shared/ports/receivers.ts'
import { agreedSetRing } from '../delivery/set-ring.ts'
import type { TransmitterDeps } from '../transmitter.ts'

/** Where `auth.events` ends now: from there on a new receiver is told. */
export const endOfLog = async (log: EventLog): Promise<Receiver['cursor']> => {
  const count = await log.partitions('auth.events')
  const partitions = Array.from({ length: count }, (_, partition) => partition)
  return Promise.all(
    partitions.map(async (partition) => {
      const { end } = await log.bounds({ topic: 'auth.events', partition })
      return { partition, next: end }
    }),
  )
}

type Wanted = Readonly<{
  id: string
  kind: ReceiverKind
  client: ClientId
  config: ReceiverConfig
}>

/**
 * Stores a receiver, which hears what happens from now on. The first one makes the keys that sign
 * for all, since nobody should be told in a signature that no key set shows yet.
 * @throws AuthError RECEIVERS_FULL, RECEIVER_EXISTS, LOG_UNAVAILABLE, KEYS_INVALID
 */
export const createReceiver = async (deps: TransmitterDeps, wanted: Wanted): Promise<Receiver> => {
  await agreedSetRing(deps)
  const receiver: Receiver = {
    ...wanted,
    // A logout token is for whoever has a session there: nobody registers for some.
    subjects: { all: wanted.kind === 'backchannel' || deps.tellsOfAll, rules: [] },
    status: { state: 'enabled', reason: null },
    cursor: await endOfLog(deps.log),
    generation: 0,
    acked: [],
    control: [],
    verifiedAt: null,
    refused: 0,
    lease: null,
    revision: 0,
  }
  switch (await deps.receivers.create(receiver)) {
    case 'created':
      return receiver
    case 'exists':
      throw new AuthError('RECEIVER_EXISTS', `there is a receiver ${wanted.id}`)
    case 'full':
      throw new AuthError('RECEIVERS_FULL', 'no more than 64 receivers can be kept')
  }
}
