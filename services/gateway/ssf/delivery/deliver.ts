import type { Receiver } from '../../../../shared/ports/receivers.ts'
import type { SetKeyRing } from '../../../../shared/tokens/key-rings/index.ts'
import type { TransmitterDeps } from '../transmitter.ts'
import type { Message } from './mint-security-event.ts'
import { type Outgoing, type Posted, postOut } from './post-to-receiver.ts'

/** `refused`: the receiver has it and does not want it. `failed`: to be tried again. */
export type Outcome = Readonly<{
  outcome: 'delivered' | 'refused' | 'failed'
  detail: string
}>

const outgoingOf = ({ kind, config }: Receiver, token: string): Outgoing => {
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

/** RFC 8935, 2.4: a word of a closed list; what is longer or odd is not shown. */
const errIn = (body: string): string => {
  try {
    const err: unknown = (JSON.parse(body) as { err?: unknown } | null)?.err
    return typeof err === 'string' && /^[A-Za-z_]{1,40}$/.test(err) ? err : 'no err'
  } catch {
    return 'no err'
  }
}

const judged = ({ status, body }: Posted): Outcome => {
  if (status >= 200 && status < 300) return { outcome: 'delivered', detail: '' }
  // Everything else may be mended on the other side: a wrong path, an expired credential.
  if (status !== 400) return { outcome: 'failed', detail: `answered ${status}` }
  return { outcome: 'refused', detail: errIn(body) }
}

/** One try. Never rejects. */
export const deliver = async (
  deps: TransmitterDeps,
  receiver: Receiver,
  { message, ring, signal }: Readonly<{ message: Message; ring: SetKeyRing; signal: AbortSignal }>,
): Promise<Outcome> => {
  const { storeClock, meter } = deps
  const token = message.mint(ring, storeClock.now())
  const outcome = await postOut(outgoingOf(receiver, token), { ...deps, signal }).then(
    judged,
    (error: Error): Outcome => ({ outcome: 'failed', detail: error.message }),
  )
  if (!signal.aborted) {
    meter?.count('curfew_set_deliveries_total', { kind: receiver.kind, outcome: outcome.outcome })
  }
  return outcome
}
