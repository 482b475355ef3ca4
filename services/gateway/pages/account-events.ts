import type { AuditEventBody } from '../audit/routes/index.ts'
import type { TextName } from './texts/index.ts'

/** An event as `/account` tells it to whom it concerns. */
export type AccountEvent = Readonly<{
  id: string
  time: string | null
  text: TextName
  /** Whether it may be somebody else’s doing, so that one should look. */
  isAlarming: boolean
  address: string | null
  agent: string | null
}>

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null)

const ofOthers = ({ actor }: AuditEventBody): boolean =>
  actor !== null && ['administrator', 'service', 'operator'].includes(actor.by)

/** Ends that another event of the same moment tells better are told once, by that one. */
const endTold = (event: AuditEventBody): TextName | null => {
  const { scope, reason } = event.data
  if (scope === 'token') return null
  switch (reason) {
    case 'logout':
      return 'event_logout'
    case 'logout_all':
      return 'event_logout_all'
    case 'logged_in_again':
      return 'event_replaced'
    case 'session_limit':
      return 'event_session_limit'
    case 'revoked':
      return ofOthers(event) ? 'event_ended_by_admin' : 'event_ended'
    default:
      return null
  }
}

const textFor = (event: AuditEventBody): TextName | null => {
  const { type, data } = event
  switch (type) {
    case 'TokenIssued':
      return data['cause'] === 'login' && data['kind'] !== 'access' ? 'event_login' : null
    case 'TokenRevoked':
      return endTold(event)
    case 'ReuseDetected':
      return 'event_reuse'
    case 'LoginFailed':
      return 'event_login_failed'
    case 'LoginLimited':
      return 'event_login_limited'
    case 'PasswordChanged':
      return 'event_password_changed'
    case 'UserCreated':
      return 'event_user_created'
    case 'UserDisabled':
      return 'event_user_disabled'
    case 'UserEnabled':
      return 'event_user_enabled'
    case 'RolesChanged':
      return 'event_roles_changed'
    case 'AuditRead':
      return 'event_audit_read'
    case 'AccessDenied':
      return 'event_denied'
    default:
      return null
  }
}

const alarming = new Set(['ReuseDetected', 'LoginFailed', 'LoginLimited'])

/** What people understand of their history; rotations and replays are left out. */
export const accountEvents = (events: readonly AuditEventBody[]): readonly AccountEvent[] =>
  events.flatMap((event) => {
    const text = textFor(event)
    if (text === null) return []
    const { id, time, type, data } = event
    const [address, agent] = [textOf(data['address']), textOf(data['agent'])]
    return [{ id, time, text, isAlarming: alarming.has(type), address, agent }]
  })
