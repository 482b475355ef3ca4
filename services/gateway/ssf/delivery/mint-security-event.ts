import type { AuthEvent } from '../../../../shared/events/event.ts'
import {
  type EpochMs,
  type EpochSeconds,
  type EventId,
  secondsOf,
} from '../../../../shared/kernel/ids.ts'
import type { ControlEvent, Receiver } from '../../../../shared/ports/receivers.ts'
import type { SetKeyRing } from '../../../../shared/tokens/key-rings/index.ts'
import { signLogoutToken, signSecurityEvent } from '../../../../shared/tokens/signing/index.ts'
import { isTold } from '../streams/subjects.ts'
import {
  controlEvent,
  jtiOf,
  logoutOf,
  type SecurityEvent,
  securityEvents,
} from './security-events.ts'

/** Something to tell a receiver; signed anew at each try, so that it is never stale. */
export type Message = Readonly<{ jti: string; mint: (ring: SetKeyRing, now: EpochMs) => string }>
export type Told = Readonly<{ id: EventId; at: EpochMs | null; event: AuthEvent }>

/** Back-Channel Logout 1.0, 2.4: at most two minutes. */
const logoutLifeSeconds = 120
const backchannelEvent = 'http://schemas.openid.net/event/backchannel-logout'

type Addressed = Readonly<{ issuer: string; receiver: Receiver }>

const setMessage = (
  { issuer, receiver }: Addressed,
  jti: string,
  { type, subject, body, txn }: SecurityEvent,
): Message => ({
  jti,
  mint: (ring, now) =>
    signSecurityEvent(ring, {
      iss: issuer,
      aud: receiver.config.audience,
      iat: secondsOf(now),
      jti,
      txn,
      sub_id: subject,
      events: { [type]: body },
    }),
})

const logoutMessage = ({ issuer, receiver }: Addressed, { id, event }: Told): Message[] => {
  const logout = logoutOf(event)
  if (!logout) return []
  const jti = jtiOf(id, receiver.id)
  const { sub, sid } = logout
  const mint: Message['mint'] = (ring, now) => {
    const iat = secondsOf(now)
    return signLogoutToken(ring, {
      iss: issuer,
      aud: receiver.config.audience,
      iat,
      exp: (iat + logoutLifeSeconds) as EpochSeconds,
      jti,
      sub,
      ...(sid === null ? {} : { sid }),
      events: { [backchannelEvent]: {} },
    })
  }
  return [{ jti, mint }]
}

/** What a receiver is told of one event of the log. */
export const messagesFor = (to: Addressed, told: Told): readonly Message[] => {
  const { receiver } = to
  if (receiver.kind === 'backchannel') return logoutMessage(to, told)
  if (!isTold(receiver.subjects, told.event)) return []
  const wanted = receiver.config.events
  return securityEvents(to.issuer, told)
    .filter(({ type }) => wanted === null || wanted.includes(type))
    .map((one) => setMessage(to, jtiOf(told.id, receiver.id), one))
}

export const controlMessage = (to: Addressed, event: ControlEvent): Message =>
  setMessage(to, event.id, controlEvent(to.receiver.id, event))
