import { createHash } from 'node:crypto'
import type { AuthEvent, RevocationReason, TokenRevoked } from '../../../../shared/events/event.ts'
import { type EpochMs, type EventId, secondsOf } from '../../../../shared/kernel/ids.ts'
import type { ControlEvent } from '../../../../shared/ports/receivers.ts'

const caep = 'https://schemas.openid.net/secevent/caep/event-type'
const ssf = 'https://schemas.openid.net/secevent/ssf/event-type'
export const sessionRevoked = `${caep}/session-revoked`
export const credentialChange = `${caep}/credential-change`
/** What a receiver may ask for; those of the stream itself come unasked. */
export const eventsSupported: readonly string[] = [sessionRevoked, credentialChange]

/** One security event before it is addressed: what a SET says but who hears it. */
export type SecurityEvent = Readonly<{
  type: string
  subject: object
  body: Readonly<Record<string, unknown>>
  /** The same for all that one cause brought about. */
  txn: string
}>

type Initiator = 'admin' | 'user' | 'policy' | 'system'

/** CAEP 1.0, 2: who began it. A changed password ends sessions by our rule, whoever changed it. */
const told: Readonly<Record<RevocationReason, readonly [Initiator, string]>> = {
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

/**
 * The same event to the same receiver has the same id, whichever gateway sends it and however
 * often.
 */
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

const ofRevocation = (issuer: string, id: EventId, event: TokenRevoked): SecurityEvent[] => {
  const { reason, revokedAt } = event.data
  const subject = subjectOf(issuer, event)
  // Rotation ends a token by replacing it; nobody's session is over.
  if (reason === 'rotated' || subject === null) return []
  const [initiator, why] = told[reason]
  const body = {
    event_timestamp: secondsOf(revokedAt),
    initiating_entity: initiator,
    reason_admin: { en: why },
  }
  return [{ type: sessionRevoked, subject, body, txn: txnOf(id) }]
}

/**
 * What receivers are told of one event of the log: CAEP 1.0 session-revoked and credential-change.
 * A disabled or deleted user is told by the cutoff in the same commit. Pure.
 */
export const securityEvents = (
  issuer: string,
  { id, at, event }: Readonly<{ id: EventId; at: EpochMs | null; event: AuthEvent }>,
): readonly SecurityEvent[] => {
  switch (event.type) {
    case 'TokenRevoked':
      return ofRevocation(issuer, id, event)
    case 'PasswordChanged':
      return [
        {
          type: credentialChange,
          subject: userOf(issuer, event.data.sub),
          body: {
            credential_type: 'password',
            change_type: 'update',
            ...(at === null ? {} : { event_timestamp: secondsOf(at) }),
            reason_admin: { en: told.password_changed[1] },
          },
          txn: txnOf(id),
        },
      ]
    default:
      return []
  }
}

/** SSF 1.0, 8.1.4.1 and 8.1.5: their subject is the stream. */
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
 * `null` for what the standard has no words for: one token, a client's sessions, everybody's. Pure.
 */
export const logoutOf = (event: AuthEvent): Logout | null => {
  if (event.type !== 'TokenRevoked' || event.data.reason === 'rotated') return null
  const { scope, sub, sid } = event.data
  return sub !== null && (scope === 'session' || scope === 'subject') ? { sub, sid } : null
}
