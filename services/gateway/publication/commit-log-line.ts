import type { Commit, NewCommit } from '../../../shared/events/commit.ts'
import {
  type Actor,
  type AuthEvent,
  commandLine,
  type EventOf,
  type EventType,
} from '../../../shared/events/event.ts'
import type { LogFields, Logger } from '../../../shared/kernel/logger.ts'

export type CommitLogLine = Readonly<{
  level: 'debug' | 'info' | 'warn'
  message: string
  fields: LogFields
}>

type Words = Readonly<{ name: string; message: string; level?: CommitLogLine['level'] }>

const opened: Words = { name: 'login', message: 'somebody logged in' }
const refreshed: Words = { name: 'refresh', message: 'a session was refreshed', level: 'debug' }
const loggedOut: Words = { name: 'logout', message: 'somebody logged out' }
const reused: Words = {
  name: 'token_reused',
  message: 'a refresh token was reused: session ended',
  level: 'warn',
}

/** What is told where the request is refused, however many of them become events. */
const toldElsewhere = ['LoginLimited', 'OriginRefused', 'AccessDenied'] as const
type Elsewhere = (typeof toldElsewhere)[number]
const isElsewhere = (type: EventType): type is Elsewhere =>
  toldElsewhere.some((one) => one === type)

const words: Readonly<Record<Exclude<EventType, Elsewhere | 'TokenIssued'>, Words>> = {
  LoginFailed: { name: 'login_failed', message: 'a login failed' },
  TokenRevoked: { name: 'revoked', message: 'revoked' },
  ReuseDetected: reused,
  GraceReplayed: { name: 'refresh_replayed', message: 'a refresh was answered again' },
  UserCreated: { name: 'user_created', message: 'an account was made' },
  PasswordChanged: { name: 'password_changed', message: 'a password was changed' },
  UserDisabled: { name: 'user_disabled', message: 'an account was disabled' },
  UserEnabled: { name: 'user_enabled', message: 'an account was enabled' },
  UserDeleted: { name: 'user_deleted', message: 'an account was deleted' },
  RolesChanged: { name: 'roles_changed', message: 'the roles of an account were changed' },
  RevocationsSurged: {
    name: 'revocations_surged',
    message: 'more mass revocations within an hour than CURFEW_MASS_REVOCATIONS_MAX',
    level: 'warn',
  },
  LifetimeRaised: { name: 'lifetime_raised', message: 'tokens live longer', level: 'debug' },
}

const wordsOf = (event: Exclude<AuthEvent, EventOf<Elsewhere>>): Words => {
  if (event.type === 'TokenIssued') return event.data.cause === 'login' ? opened : refreshed
  if (event.type === 'TokenRevoked' && event.data.reason === 'logout') return loggedOut
  return words[event.type]
}

export const actorText = (actor: Actor | null): string | null => actor && `${actor.by}:${actor.id}`

/** The members that a line tells; those that an event has not are left out. */
const shown = ['sub', 'sid', 'client', 'reason', 'scope', 'key', 'account'] as const
const also = ['username', 'roles', 'limit', 'address', 'agent'] as const

const fieldsOf = ({ data }: AuthEvent): Record<string, LogFields[string]> => {
  const members = new Map<string, unknown>(Object.entries(data))
  const found = [...shown, ...also].flatMap((name) => {
    const value = members.get(name)
    return value === undefined ? [] : [[name, value as LogFields[string]] as const]
  })
  const by = 'actor' in data ? { by: actorText(data.actor) } : {}
  const kind = 'kind' in data ? { kind: data.kind === 'sliding' ? 'sliding' : 'pair' } : {}
  return { ...Object.fromEntries(found), ...kind, ...by }
}

const isRotation = (event: AuthEvent): boolean =>
  event.type === 'TokenRevoked' && event.data.reason === 'rotated'

/** What a commit is about: the first event that no other of the same commit is the reason of. */
const mainOf = ({ events }: NewCommit): AuthEvent | undefined => {
  const told = events.filter((event) => !isRotation(event))
  return told.find(({ type }) => type !== 'TokenIssued' && type !== 'TokenRevoked') ?? told[0]
}

/**
 * The one line of a commit: who did what to whom, and from where. A change of an account that ends
 * sessions is one line, which says what it `ended`. Pure.
 */
export const commitLogLine = (commit: NewCommit): CommitLogLine | null => {
  const main = mainOf(commit)
  if (!main || isElsewhere(main.type)) return null
  const { name, message, level = 'info' } = wordsOf(main as Parameters<typeof wordsOf>[0])
  const ended = commit.events.find(
    (event): event is EventOf<'TokenRevoked'> => event.type === 'TokenRevoked' && event !== main,
  )
  const end = ended && !isRotation(ended) ? { ended: ended.data.key } : {}
  return { level, message, fields: { event: name, ...fieldsOf(main), ...end } }
}

const kept = { event: 'session_kept', message: 'a device stays logged in, in a new session' }

/** Writes it. `fields` say what the commit does not: the request, say. */
export const logCommit = (logger: Logger, commit: NewCommit, fields: LogFields = {}): void => {
  const line = commitLogLine(commit)
  if (!line) return
  // Who comes with a session and gets another one gave no password.
  const isKept = line.fields['event'] === 'login' && 'by_session' in fields
  const { event, message } = isKept ? kept : { event: line.fields['event'], message: line.message }
  logger[line.level]({ ...fields, ...line.fields, event }, message)
}

const isTyped = ({ data }: AuthEvent): boolean =>
  'actor' in data && (data.actor?.id.startsWith(commandLine) ?? false)

/**
 * The line of what was typed: a command writes none, as nobody collects what it prints. Called when
 * the log has taken it; one that two gateways publish at once may be told by both.
 */
export const logCommandLineCommit = (logger: Logger, commit: NewCommit | Commit): void => {
  const isAgain = 'published' in commit && commit.published !== null
  if (!isAgain && commit.events.some(isTyped)) logCommit(logger, commit)
}
