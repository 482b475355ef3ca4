import type { Commit, NewCommit } from '../../../shared/events/commit.ts'
import {
  type AuthEvent,
  commandLine,
  type EventOf,
  type EventType,
} from '../../../shared/events/event.ts'
import { actorText } from '../../../shared/events/event-actor.ts'
import type { LogFields, Logger } from '../../../shared/kernel/logger.ts'

type CommitLogLine = Readonly<{
  level: 'debug' | 'info' | 'warn'
  message: string
  fields: LogFields
}>

type LineText = Readonly<{ name: string; message: string; level?: CommitLogLine['level'] }>

const opened: LineText = { name: 'login', message: 'somebody logged in' }
const refreshed: LineText = { name: 'refresh', message: 'a session was refreshed', level: 'debug' }
const loggedOut: LineText = { name: 'logout', message: 'somebody logged out' }
const reused: LineText = {
  name: 'token_reused',
  message: 'a refresh token was reused: session ended',
  level: 'warn',
}

/**
 * Whether or not they become events, refusals have their line from `RefusalLog`, and changes of
 * keys from each gateway that takes them.
 */
const loggedElsewhere = [
  ...(['LoginLimited', 'OriginRefused', 'AccessDenied'] as const),
  ...(['KeyRotated', 'KeyRemoved'] as const),
] as const
type LoggedElsewhere = (typeof loggedElsewhere)[number]
const isLoggedElsewhere = (type: EventType): type is LoggedElsewhere =>
  loggedElsewhere.some((one) => one === type)

const textOfType: Readonly<Record<Exclude<EventType, LoggedElsewhere | 'TokenIssued'>, LineText>> =
  {
    LoginFailed: { name: 'login_failed', message: 'a login failed' },
    SteppedUp: { name: 'stepped_up', message: 'somebody gave their password again' },
    TokenRevoked: { name: 'revoked', message: 'revoked' },
    ReuseDetected: reused,
    GraceReplayed: { name: 'refresh_replayed', message: 'a refresh was answered again' },
    UserCreated: { name: 'user_created', message: 'an account was made' },
    PasswordChanged: { name: 'password_changed', message: 'a password was changed' },
    UserDisabled: { name: 'user_disabled', message: 'an account was disabled' },
    UserEnabled: { name: 'user_enabled', message: 'an account was enabled' },
    UserDeleted: { name: 'user_deleted', message: 'an account was deleted' },
    UserErased: { name: 'user_erased', message: 'a person was erased from events' },
    RolesChanged: { name: 'roles_changed', message: 'the roles of an account were changed' },
    AuditRead: { name: 'audit_read', message: 'somebody read events' },
    RevocationsSurged: {
      name: 'revocations_surged',
      message: 'more mass revocations within an hour than CURFEW_MASS_REVOCATIONS_MAX',
      level: 'warn',
    },
    SettingsChanged: { name: 'settings_changed', message: 'a gateway started with other settings' },
    GuardAttached: { name: 'guard_attached', message: 'a guard reports' },
    GuardStale: { name: 'guard_stale', message: 'a guard is not fresh', level: 'warn' },
    GuardFresh: { name: 'guard_fresh', message: 'a guard is fresh again' },
    GuardGone: { name: 'guard_gone', message: 'a guard reports no more' },
    TrailDisputed: {
      name: 'trail_disputed',
      message: 'a guard was shown another past of the trail',
      level: 'warn',
    },
    PropagationMeasured: {
      name: 'propagation_measured',
      message: 'how long guards took to refuse',
      level: 'debug',
    },
    HoldPlaced: { name: 'hold_placed', message: 'a legal hold was placed' },
    HoldReleased: { name: 'hold_released', message: 'a legal hold was released', level: 'warn' },
    TrailRetained: {
      name: 'trail_retained',
      message: 'a trail lets go of old events',
      level: 'warn',
    },
    InvariantBroken: {
      name: 'invariant_broken',
      message: 'events show what no right history holds',
      level: 'warn',
    },
    DeadLetterSettled: {
      name: 'dead_letter_settled',
      message: 'a dead letter was dealt with',
      level: 'warn',
    },
    LifetimeRaised: { name: 'lifetime_raised', message: 'tokens live longer', level: 'debug' },
  }

const textOf = (event: Exclude<AuthEvent, EventOf<LoggedElsewhere>>): LineText => {
  if (event.type === 'TokenIssued') return event.data.cause === 'login' ? opened : refreshed
  if (event.type === 'TokenRevoked' && event.data.reason === 'logout') return loggedOut
  return textOfType[event.type]
}

/** The members of an event that its log line has, as far as the event has them. */
const idMembers = [
  'sub',
  'sid',
  'client',
  'reason',
  'scope',
  'key',
  'account',
  'instance',
  'hold',
] as const
const otherMembers = ['name', 'state', 'username', 'roles', 'limit', 'address', 'agent'] as const

const fieldsOf = ({ data }: AuthEvent): Record<string, LogFields[string]> => {
  const members = new Map<string, unknown>(Object.entries(data))
  const found = [...idMembers, ...otherMembers].flatMap((name) => {
    const value = members.get(name)
    // What was sealed is not told where only the sealed event is known.
    return value === undefined || value === '' ? [] : [[name, value as LogFields[string]] as const]
  })
  const actorField = 'actor' in data ? { by: actorText(data.actor) } : {}
  const settingsField =
    'changed' in data ? { settings: data.changed.map(({ name }) => name).join(' ') } : {}
  const kindField = 'kind' in data ? { kind: data.kind === 'sliding' ? 'sliding' : 'pair' } : {}
  return { ...Object.fromEntries(found), ...kindField, ...settingsField, ...actorField }
}

const isRotation = (event: AuthEvent): boolean =>
  event.type === 'TokenRevoked' && event.data.reason === 'rotated'

/** The event that a commit is about. The others in it (tokens, revocations) are its effects. */
const mainOf = ({ events }: NewCommit): AuthEvent | undefined => {
  const candidates = events.filter((event) => !isRotation(event))
  return (
    candidates.find(({ type }) => type !== 'TokenIssued' && type !== 'TokenRevoked') ??
    candidates[0]
  )
}

type Subject = Readonly<{ main: AuthEvent; text: LineText }>

/** What the line of a commit is about; `null` for one that has none. */
const subjectOf = (commit: NewCommit): Subject | null => {
  const main = mainOf(commit)
  if (!main || isLoggedElsewhere(main.type)) return null
  return { main, text: textOf(main as Parameters<typeof textOf>[0]) }
}

/**
 * The log line of a commit: who did what to whom, and from where. A change of an account that also
 * ends sessions has one line, with the revocation in `ended`. Pure.
 */
const commitLogLine = (commit: NewCommit, { main, text }: Subject): CommitLogLine => {
  const { name, message, level = 'info' } = text
  const ended = commit.events.find(
    (event): event is EventOf<'TokenRevoked'> => event.type === 'TokenRevoked' && event !== main,
  )
  const endedField = ended && !isRotation(ended) ? { ended: ended.data.key } : {}
  return { level, message, fields: { event: name, ...fieldsOf(main), ...endedField } }
}

const sessionKept = { event: 'session_kept', message: 'a device stays logged in, in a new session' }

/**
 * Writes the log line of a commit. `more` adds what the commit does not know, as the request. What
 * nobody wants is not made: each refresh has a line, which took 15 µs.
 */
export const logCommit = (
  logger: Logger,
  commit: NewCommit,
  more: () => LogFields = () => ({}),
): void => {
  const subject = subjectOf(commit)
  if (subject === null || logger.writes?.(subject.text.level ?? 'info') === false) return
  const line = commitLogLine(commit, subject)
  const fields = more()
  // A caller who came with a session and gets another one did not log in with a password.
  const isKept = line.fields['event'] === 'login' && 'by_session' in fields
  const { event, message } = isKept
    ? sessionKept
    : { event: line.fields['event'], message: line.message }
  logger[line.level]({ ...fields, ...line.fields, event }, message)
}

const isFromCommandLine = ({ data }: AuthEvent): boolean =>
  'actor' in data && (data.actor?.id.startsWith(commandLine) ?? false)

/**
 * Writes the log line of a commit that the command line made, when a gateway has published it: the
 * command itself writes none, since nobody collects its output. If two gateways publish the commit
 * at once, both may write the line.
 */
export const logCommandLineCommit = (logger: Logger, commit: NewCommit | Commit): void => {
  const isAgain = 'published' in commit && commit.published !== null
  if (!isAgain && commit.events.some(isFromCommandLine)) logCommit(logger, commit)
}
