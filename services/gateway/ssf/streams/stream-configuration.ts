import type { EpochMs } from '../../../../shared/kernel/ids.ts'
import type {
  ControlEvent,
  Receiver,
  ReceiverConfig,
  ReceiverState,
} from '../../../../shared/ports/receivers.ts'
import { eventsSupported } from '../events/security-events.ts'

export const pushMethod = 'urn:ietf:rfc:8935'
export const pollMethod = 'urn:ietf:rfc:8936'
export type StreamKind = Exclude<Receiver['kind'], 'backchannel'>
export const minVerificationSeconds = 30
/** The most control events that wait for a receiver; if there are more, the newest are kept. */
const controlMax = 16

/** The address at which a stream is polled (RFC 8936); the transmitter chooses it. */
export const pollUrlOf = (baseUrl: string, id: string): string => `${baseUrl}/ssf/poll/${id}`

const deliveryOf = ({ id, kind, config }: Receiver, baseUrl: string): object =>
  kind === 'ssf-poll'
    ? { method: pollMethod, endpoint_url: pollUrlOf(baseUrl, id) }
    : { method: pushMethod, endpoint_url: config.url }

/** A receiver in the form of SSF 1.0, 8.1.1, without its `authorization_header`. */
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
 * Changes a stream. Another way of delivery goes on from the same cursor, under a new generation: a
 * gateway that still serves the former way may write its progress, which the generation rejects.
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
type ControlOrigin = Readonly<{ id: string; at: EpochMs }>

/**
 * Changes the status. A paused stream keeps its cursor, so it gets later what happened meanwhile. A
 * disabled one loses it: enabled again, it begins at `end`. The change is sent to the receiver as a
 * control event, unless the stream is disabled now.
 */
export const withStatus = (
  receiver: Receiver,
  status: NewStatus,
  { id, at, end }: ControlOrigin & Readonly<{ end: Receiver['cursor'] }>,
): Receiver => {
  const wasDisabled = receiver.status.state === 'disabled'
  const isDisabled = status.state === 'disabled'
  const changed: Receiver = {
    ...receiver,
    status,
    ...(wasDisabled && !isDisabled
      ? { cursor: end, generation: receiver.generation + 1, acked: [] }
      : {}),
    ...(isDisabled ? { control: [] } : {}),
  }
  if (isDisabled || receiver.status.state === status.state) return changed
  const { state, reason } = status
  return withControl(changed, { id, at, kind: 'stream-updated', status: state, reason })
}

/** Adds a verification event; `null` if the last one is less than 30 s old. */
export const withVerification = (
  receiver: Receiver,
  { id, at, state }: ControlOrigin & Readonly<{ state: string | null }>,
): Receiver | null => {
  const { verifiedAt } = receiver
  if (verifiedAt !== null && at - verifiedAt < minVerificationSeconds * 1_000) return null
  return { ...withControl(receiver, { id, at, kind: 'verification', state }), verifiedAt: at }
}
