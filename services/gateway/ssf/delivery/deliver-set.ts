import type { Receiver } from '../../../../shared/ports/receivers.ts'
import type { SetKeyRing } from '../../../../shared/tokens/key-rings/index.ts'
import type { Message } from '../streams/receiver-messages.ts'
import type { TransmitterDeps } from '../transmitter-deps.ts'
import { type OutgoingRequest, postToReceiver, type ReceiverAnswer } from './post-to-receiver.ts'

/** `refused`: the receiver got the SET and rejects it. `failed`: to be sent again. */
export type Outcome = Readonly<{
  outcome: 'delivered' | 'refused' | 'failed'
  detail: string
}>

const requestFor = ({ kind, config }: Receiver, token: string): OutgoingRequest => {
  const url = config.url ?? ''
  if (kind === 'backchannel') {
    const body = new URLSearchParams({ logout_token: token }).toString()
    return { url, body, headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }
  }
  // RFC 8935, 2.1.
  const headers = { 'Content-Type': 'application/secevent+jwt', Accept: 'application/json' }
  const { authorization } = config
  return {
    url,
    body: token,
    headers: authorization === null ? headers : { ...headers, Authorization: authorization },
  }
}

/** The member `err` (RFC 8935, 2.4), one of a few words; anything longer or odd is not logged. */
const errIn = (body: string): string => {
  try {
    const err: unknown = (JSON.parse(body) as { err?: unknown } | null)?.err
    return typeof err === 'string' && /^[A-Za-z_]{1,40}$/.test(err) ? err : 'no err'
  } catch {
    return 'no err'
  }
}

const outcomeOf = ({ status, body }: ReceiverAnswer): Outcome => {
  if (status >= 200 && status < 300) return { outcome: 'delivered', detail: '' }
  // Any other status may have a cause that the receiver can mend: a wrong path, an old credential.
  if (status !== 400) return { outcome: 'failed', detail: `answered ${status}` }
  return { outcome: 'refused', detail: errIn(body) }
}

/** Signs the message and posts it once. Never rejects. */
export const deliverSet = async (
  deps: TransmitterDeps,
  receiver: Receiver,
  { message, ring, signal }: Readonly<{ message: Message; ring: SetKeyRing; signal: AbortSignal }>,
): Promise<Outcome> => {
  const { storeClock, meter } = deps
  const token = message.mint(ring, storeClock.now())
  const outcome = await postToReceiver(requestFor(receiver, token), { ...deps, signal }).then(
    outcomeOf,
    (error: Error): Outcome => ({ outcome: 'failed', detail: error.message }),
  )
  if (!signal.aborted) {
    meter?.count('curfew_set_deliveries_total', { kind: receiver.kind, outcome: outcome.outcome })
  }
  return outcome
}
