import type { AuditEventBody } from '../../../gateway/answers.ts'

export type Tone = 'plain' | 'quiet' | 'good' | 'warn' | 'bad'
type Data = Readonly<Record<string, unknown>>

export const dataOf = ({ data }: AuditEventBody): Data => data
export const textIn = (event: AuditEventBody, name: string): string | null => {
  const value = dataOf(event)[name]
  return typeof value === 'string' ? value : null
}
export const instantOf = ({ time }: AuditEventBody): number | null =>
  time === null ? null : Date.parse(time)

const bad = new Set([
  ...['LoginFailed', 'ReuseDetected', 'AccessDenied', 'OriginRefused', 'LoginLimited'],
  ...['GuardStale', 'GuardGone', 'TrailDisputed', 'InvariantBroken', 'RevocationsSurged'],
])
const good = new Set(['GuardAttached', 'GuardFresh', 'UserCreated', 'UserEnabled'])
const quiet = new Set(['AuditRead', 'PropagationMeasured', 'LifetimeRaised'])

export const isLogin = ({ type, data }: AuditEventBody): boolean =>
  type === 'TokenIssued' && data['cause'] === 'login'
export const isRotation = ({ type, data }: AuditEventBody): boolean =>
  type === 'TokenIssued' && data['cause'] === 'refresh'
export const isEnd = ({ type, data }: AuditEventBody): boolean =>
  type === 'TokenRevoked' && data['reason'] !== 'rotated'

/** How an event is coloured; its words say the same. */
export const toneOf = (event: AuditEventBody): Tone => {
  if (isLogin(event) || good.has(event.type)) return 'good'
  if (isEnd(event)) return 'warn'
  if (bad.has(event.type)) return 'bad'
  const isQuiet = isRotation(event) || event.type === 'TokenRevoked' || quiet.has(event.type)
  return isQuiet ? 'quiet' : 'plain'
}

const spaced = (type: string): string =>
  type.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').replace(/ [A-Z]/g, (part) => part.toLowerCase())

const scopes: Readonly<Record<string, string>> = {
  token: 'Token ended',
  session: 'Session ended',
  subject: 'All of a user ended',
  client: 'All of a client ended',
  all: 'Everyone logged out',
}

/** What happened, in two or three words. */
export const titleOf = (event: AuditEventBody): string => {
  const { type, data } = event
  if (type === 'TokenIssued') {
    const what = isLogin(event) ? 'Login' : 'Rotation'
    return `${what}, ${String(data['kind'])} token`
  }
  if (type === 'TokenRevoked') {
    return isEnd(event) ? (scopes[String(data['scope'])] ?? 'Revoked') : 'Token replaced'
  }
  return spaced(type)
}

const words = (text: unknown): string => String(text).replaceAll('_', ' ')

/** What the other columns do not say. */
export const restOf = ({ data }: AuditEventBody): string =>
  ['reason', 'limit', 'code', 'path', 'roles', 'rows', 'ring', 'setting', 'name', 'count']
    .flatMap((name) => {
      const value = data[name]
      const isShown = value !== undefined && value !== null && typeof value !== 'object'
      return isShown && value !== 'rotated' ? [`${name} ${words(value)}`] : []
    })
    .join(', ')
