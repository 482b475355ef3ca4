import type { EpochMs } from '../../../../shared/kernel/ids.ts'
import type {
  ControlEvent,
  Receiver,
  ReceiverConfig,
  ReceiverState,
} from '../../../../shared/ports/receivers.ts'
import { eventsSupported } from '../delivery/security-events.ts'

export const pushMethod = 'urn:ietf:rfc:8935'
export const pollMethod = 'urn:ietf:rfc:8936'
export type StreamKind = Exclude<Receiver['kind'], 'backchannel'>
export const minVerificationSeconds = 30
/** Unsent ones; a receiver that is away hears the newest. */
const controlMax = 16

/** Where a stream is polled (RFC 8936): the transmitter names it. */
export const pollUrlOf = (baseUrl: string, id: string): string => `${baseUrl}/ssf/poll/${id}`

const deliveryOf = ({ id, kind, config }: Receiver, baseUrl: string): object =>
  kind === 'ssf-poll'
    ? { method: pollMethod, endpoint_url: pollUrlOf(baseUrl, id) }
    : { method: pushMethod, endpoint_url: config.url }

/** A receiver as SSF 1.0, 8.1.1 shows it: without the secret that its owner gave. */
export const streamOf = (
  receiver: Receiver,
  { issuer, baseUrl }: Readonly<{ issuer: string; baseUrl: string }>,
): object => {
  const { id, config } = receiver
  const requested = config.events ?? eventsSupported
  return {
    stream_id: id,
    iss: issuer,
    aud: config.audience,
    events_supported: eventsSupported,
    events_requested: requested,
    events_delivered: eventsSupported.filter((type) => requested.includes(type)),
    delivery: deliveryOf(receiver, baseUrl),
    min_verification_interval: minVerificationSeconds,
    ...(config.description === null ? {} : { description: config.description }),
  }
}

export const statusOf = ({ id, status }: Receiver): object => ({
  stream_id: id,
  status: status.state,
  ...(status.reason === null ? {} : { reason: status.reason }),
})

/**
 * Another way of delivery goes on from the cursor. Who serves the stream still writes what it knows
 * of the former way, and the generation keeps that from the new one.
 */
export const withConfig = (
  stored: Receiver,
  { kind, config }: Readonly<{ kind: StreamKind; config: ReceiverConfig }>,
): Receiver =>
  kind === stored.kind
    ? { ...stored, config }
    : { ...stored, kind, config, lease: null, acked: [], generation: stored.generation + 1 }

const withControl = (receiver: Receiver, event: ControlEvent): Receiver => ({
  ...receiver,
  control: [...receiver.control, event].slice(-controlMax),
})

export type NewStatus = Readonly<{ state: ReceiverState; reason: string | null }>
type Made = Readonly<{ id: string; at: EpochMs }>

/**
 * Pausing holds: the cursor stays, and the log is the queue. Disabling forgets: once enabled again,
 * a receiver hears what happens from then on, `end`. A disabled one is told nothing, not even that.
 */
export const withStatus = (
  receiver: Receiver,
  status: NewStatus,
  { id, at, end }: Made & Readonly<{ end: Receiver['cursor'] }>,
): Receiver => {
  const wasOff = receiver.status.state === 'disabled'
  const isOff = status.state === 'disabled'
  const changed: Receiver = {
    ...receiver,
    status,
    ...(wasOff && !isOff ? { cursor: end, generation: receiver.generation + 1, acked: [] } : {}),
    ...(isOff ? { control: [] } : {}),
  }
  if (isOff || receiver.status.state === status.state) return changed
  const { state, reason } = status
  return withControl(changed, { id, at, kind: 'stream-updated', status: state, reason })
}

/** `null` when the last one is too young. */
export const withVerification = (
  receiver: Receiver,
  { id, at, state }: Made & Readonly<{ state: string | null }>,
): Receiver | null => {
  const { verifiedAt } = receiver
  if (verifiedAt !== null && at - verifiedAt < minVerificationSeconds * 1_000) return null
  return { ...withControl(receiver, { id, at, kind: 'verification', state }), verifiedAt: at }
}
