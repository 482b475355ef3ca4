import { createHash } from 'node:crypto'
import type { AuthEvent, RevocationReason, TokenRevoked } from '../../../../shared/events/event.ts'
import { type EpochMs, type EventId, secondsOf } from '../../../../shared/kernel/ids.ts'
import type { ControlEvent } from '../../../../shared/ports/receivers.ts'

const caep = 'https://schemas.openid.net/secevent/caep/event-type'
const ssf = 'https://schemas.openid.net/secevent/ssf/event-type'
export const sessionRevoked = `${caep}/session-revoked`
export const credentialChange = `${caep}/credential-change`
/** The event types that a receiver may request; control events of a stream are always sent. */
export const eventsSupported: readonly string[] = [sessionRevoked, credentialChange]

/** One security event without its receiver: the content of a SET but `aud` and `jti`. */
export type SecurityEvent = Readonly<{
  type: string
  subject: object
  body: Readonly<Record<string, unknown>>
  /** The same for all events of one cause. */
  txn: string
}>

type Initiator = 'admin' | 'user' | 'policy' | 'system'

/**
 * Who caused a revocation (CAEP 1.0, 2), and why, as text. A changed password ends sessions by our
 * policy, whoever changed it.
 */
const causes: Readonly<Record<RevocationReason, readonly [Initiator, string]>> = {
  rotated: ['system', 'The token was replaced.'],
  logout: ['user', 'The user logged out.'],
  logout_all: ['user', 'The user ended all sessions.'],
  reuse: ['policy', 'A used refresh token came again.'],
  password_changed: ['policy', 'The password was changed.'],
  user_disabled: ['admin', 'The user was disabled.'],
  user_deleted: ['admin', 'The user was deleted.'],
  revoked: ['admin', 'It was revoked.'],
  logged_in_again: ['user', 'The user logged in again.'],
  session_limit: ['policy', 'There were too many sessions, and this was the oldest.'],
  restored: ['system', 'The store was restored from a copy.'],
}

const hashed = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, 32)

/** The commit of an event: `stream:version`. */
const txnOf = (id: EventId): string => hashed(id.replace(/:\d+$/, ''))

/** The same event has the same `jti` for one receiver, whichever gateway sends it, each time. */
export const jtiOf = (id: EventId, receiver: string): string => hashed(`${receiver} ${id}`)

const userOf = (iss: string, sub: string): object => ({ format: 'iss_sub', iss, sub })
const opaque = (id: string): object => ({ format: 'opaque', id })

/** RFC 9493 and SSF 1.0, 3: in a complex subject all members must match. */
const subjectOf = (issuer: string, { data }: TokenRevoked): object | null => {
  const { scope, sid, sub, key } = data
  const named = key.slice(key.indexOf(':') + 1)
  switch (scope) {
    case 'token':
      return { format: 'jwt_id', iss: issuer, jti: named }
    case 'session':
      return {
        format: 'complex',
        session: opaque(sid ?? named),
        ...(sub === null ? {} : { user: userOf(issuer, sub) }),
      }
    case 'subject':
      return userOf(issuer, sub ?? named)
    case 'client':
      return { format: 'complex', application: opaque(named) }
    case 'all':
      return { format: 'complex', tenant: opaque(issuer) }
  }
}

const revocationEvents = (issuer: string, id: EventId, event: TokenRevoked): SecurityEvent[] => {
  const { reason, revokedAt } = event.data
  const subject = subjectOf(issuer, event)
  // Rotation replaces a token; the session goes on.
  if (reason === 'rotated' || subject === null) return []
  const [initiator, why] = causes[reason]
  const body = {
    event_timestamp: secondsOf(revokedAt),
    initiating_entity: initiator,
    reason_admin: { en: why },
  }
  return [{ type: sessionRevoked, subject, body, txn: txnOf(id) }]
}

/**
 * The security events for one event of the log: CAEP 1.0 session-revoked and credential-change. For
 * a disabled or deleted user it is the cutoff in the same commit that becomes one. Pure.
 */
export const securityEvents = (
  issuer: string,
  { id, at, event }: Readonly<{ id: EventId; at: EpochMs | null; event: AuthEvent }>,
): readonly SecurityEvent[] => {
  switch (event.type) {
    case 'TokenRevoked':
      return revocationEvents(issuer, id, event)
    case 'PasswordChanged':
      return [
        {
          type: credentialChange,
          subject: userOf(issuer, event.data.sub),
          body: {
            credential_type: 'password',
            change_type: 'update',
            ...(at === null ? {} : { event_timestamp: secondsOf(at) }),
            reason_admin: { en: causes.password_changed[1] },
          },
          txn: txnOf(id),
        },
      ]
    default:
      return []
  }
}

/** Verification and stream updated (SSF 1.0, 8.1.4.1 and 8.1.5); the subject is the stream. */
export const controlEvent = (stream: string, event: ControlEvent): SecurityEvent => {
  const shared = { subject: opaque(stream), txn: event.id }
  if (event.kind === 'verification') {
    const body = event.state === null ? {} : { state: event.state }
    return { ...shared, type: `${ssf}/verification`, body }
  }
  const { status, reason } = event
  const body = { status, ...(reason === null ? {} : { reason }) }
  return { ...shared, type: `${ssf}/stream-updated`, body }
}

/** What a logout token names (OpenID Connect Back-Channel Logout 1.0, 2.4). */
export type Logout = Readonly<{ sub: string; sid: string | null }>

/**
 * `null` for what the standard cannot express: the end of one token, of a client's sessions, of
 * everyone's. Pure.
 */
export const logoutOf = (event: AuthEvent): Logout | null => {
  if (event.type !== 'TokenRevoked' || event.data.reason === 'rotated') return null
  const { scope, sub, sid } = event.data
  return sub !== null && (scope === 'session' || scope === 'subject') ? { sub, sid } : null
}
