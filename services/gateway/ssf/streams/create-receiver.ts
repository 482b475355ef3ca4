import { AuthError } from '../../../../shared/kernel/errors.ts'
import type { ClientId } from '../../../../shared/kernel/ids.ts'
import type { EventLog } from '../../../../shared/ports/event-log.ts'
import type { Receiver, ReceiverConfig, ReceiverKind } from '../../../../shared/ports/receivers.ts'
import { agreedSetRing } from '../events/agreed-set-ring.ts'
import type { TransmitterDeps } from '../transmitter-deps.ts'

/** The end of `auth.events` now, which is the first cursor of a new receiver. */
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

type NewReceiver = Readonly<{
  id: string
  kind: ReceiverKind
  client: ClientId
  config: ReceiverConfig
}>

/**
 * Stores a receiver, which gets every event from now on. The first receiver causes the keys that
 * sign SETs to be made, so that the key set has them before the first SET is sent.
 * @throws AuthError RECEIVERS_FULL, RECEIVER_EXISTS, LOG_UNAVAILABLE, KEYS_INVALID
 */
export const createReceiver = async (
  deps: TransmitterDeps,
  requested: NewReceiver,
): Promise<Receiver> => {
  await agreedSetRing(deps)
  const receiver: Receiver = {
    ...requested,
    // Back-channel logout has no subjects to choose: a client hears of all of its sessions.
    subjects: { all: requested.kind === 'backchannel' || deps.hasAllSubjects, rules: [] },
    status: { state: 'enabled', reason: null },
    cursor: await endOfLog(deps.log),
    generation: 0,
    acked: [],
    control: [],
    verifiedAt: null,
    deliveredAt: null,
    refused: 0,
    lease: null,
    revision: 0,
  }
  switch (await deps.receivers.create(receiver)) {
    case 'created':
      return receiver
    case 'exists':
      throw new AuthError('RECEIVER_EXISTS', `there is a receiver ${requested.id}`)
    case 'full':
      throw new AuthError('RECEIVERS_FULL', 'no more than 64 receivers can be kept')
  }
}
