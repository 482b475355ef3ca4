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
import {
  controlEvent,
  jtiOf,
  logoutOf,
  type SecurityEvent,
  securityEvents,
} from '../events/security-events.ts'
import { includesEvent } from './subject-rules.ts'

/** A SET or logout token for one receiver. It is signed at each attempt, so it is never stale. */
export type Message = Readonly<{ jti: string; mint: (ring: SetKeyRing, now: EpochMs) => string }>
export type LoggedEvent = Readonly<{ id: EventId; at: EpochMs | null; event: AuthEvent }>

/** Back-Channel Logout 1.0, 2.4: at most two minutes. */
const logoutLifeSeconds = 120
const backchannelEvent = 'http://schemas.openid.net/event/backchannel-logout'

type Addressee = Readonly<{ issuer: string; receiver: Receiver }>

const setMessage = (
  { issuer, receiver }: Addressee,
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

const logoutMessage = ({ issuer, receiver }: Addressee, { id, event }: LoggedEvent): Message[] => {
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

/** The messages that a receiver gets for one event of the log. */
export const messagesFor = (to: Addressee, logged: LoggedEvent): readonly Message[] => {
  const { receiver } = to
  if (receiver.kind === 'backchannel') return logoutMessage(to, logged)
  if (!includesEvent(receiver.subjects, logged.event)) return []
  const requestedTypes = receiver.config.events
  return securityEvents(to.issuer, logged)
    .filter(({ type }) => requestedTypes === null || requestedTypes.includes(type))
    .map((securityEvent) => setMessage(to, jtiOf(logged.id, receiver.id), securityEvent))
}

export const controlMessage = (to: Addressee, event: ControlEvent): Message =>
  setMessage(to, event.id, controlEvent(to.receiver.id, event))
