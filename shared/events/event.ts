import { z } from 'zod'
import {
  act,
  actor,
  asked,
  asking,
  client,
  count,
  jti,
  key,
  ms,
  origin,
  seconds,
  sid,
  sub,
  text,
} from './event-field-schemas.ts'
import { noticedSchemas } from './noticed-event-schemas.ts'
import { trailSchemas } from './trail-event-schemas.ts'

export type Actor = Readonly<z.infer<typeof actor>>

const reasonsV1 = [
  'rotated',
  'logout',
  'logout_all',
  'reuse',
  'password_changed',
  'user_disabled',
  'user_deleted',
  'revoked',
  'restored',
] as const
/** Why something ended; travels to guards, the view and audit. */
export const revocationReasons = [...reasonsV1, 'logged_in_again', 'session_limit'] as const
export type RevocationReason = (typeof revocationReasons)[number]

const revokedV1 = z.object({
  scope: z.enum(['token', 'session', 'subject', 'client', 'all']),
  key,
  reason: z.enum(reasonsV1),
  /** For `subject`, `client` and `all`: sessions that began at a lower epoch are dead. */
  cutoff: count.nullable(),
  sub: sub.nullable(),
  sid: sid.nullable(),
  revokedAt: ms,
  /**
   * When no token that this revocation kills can be alive any more; readers may forget it then.
   */
  expiresAt: ms,
  /**
   * The session's refresh token, which the session's end blacklists too (the view keeps it
   * until its `exp`).
   */
  refresh: z.object({ jti, exp: seconds }).nullable(),
  ...origin,
})
const createdV1 = z.object({
  sub,
  username: z.string().max(150),
  roles: z.array(z.string().max(64)).max(32),
})
/** An e-mail address may be a name: 254 characters of up to two units. */
const createdV2 = createdV1.extend({ username: z.string().max(508), ...act })
const aboutUser = z.object({ sub })
const rolesV1 = z.object({ sub, roles: z.array(z.string().max(64)).max(32) })

/**
 * Every event that Curfew ever stored, by type and version. History is a promise: a type gets a new
 * version beside the old one (with an upcaster and a golden file), and nothing here is edited or
 * removed.
 */
export const eventSchemas = {
  TokenIssued: {
    1: z.object({
      kind: z.enum(['access', 'refresh', 'sliding']),
      jti,
      sub,
      client,
      sid,
      iat: seconds,
      exp: seconds,
      replaces: jti.nullable(),
      cause: z.enum(['login', 'refresh']),
      ...origin,
    }),
  },
  TokenRevoked: {
    1: revokedV1,
    2: revokedV1.extend({ reason: z.enum(revocationReasons), actor: actor.nullable() }),
  },
  LoginFailed: {
    1: z.object({
      reason: z.enum(['unknown_user', 'wrong_password', 'inactive']),
      sub: sub.nullable(),
      account: z.string().max(64),
      ...origin,
    }),
  },
  /** Somebody who was logged in gave the password again, to do what asks for it. */
  SteppedUp: { 1: z.object({ sub, sid, ...origin }) },
  ReuseDetected: { 1: z.object({ sub, sid, jti, version: count, ...origin }) },
  GraceReplayed: { 1: z.object({ sub, sid, jti, version: count, ...origin }) },
  /**
   * An attempt that was not looked at: too many came before. One a window for each name and limit.
   */
  LoginLimited: {
    1: z.object({
      limit: z.enum(['pair', 'address', 'strangers']),
      sub: sub.nullable(),
      account: z.string().max(64),
      ...origin,
    }),
  },
  /** A page of another site made a browser send it. One a window for each page and address. */
  OriginRefused: {
    1: z.object({ page: text.nullable(), ...asked, ...origin }),
  },
  /**
   * A caller who is known asked for something they may not have. One event a window for each caller
   * and path.
   */
  AccessDenied: {
    1: z.object({
      actor: actor.nullable(),
      sub: sub.nullable(),
      sid: sid.nullable(),
      code: z.string().max(64),
      ...asked,
      ...origin,
    }),
  },
  /**
   * Somebody asked for events and was shown so many. One that showed nothing, or readings only, is
   * told once a minute for each reader and filter.
   */
  AuditRead: {
    1: z.object({
      filter: z.object({
        ...{ user: asking, session: asking, token: asking, client: asking, actor: asking },
        ...{ kind: asking, address: asking, since: ms.nullable(), until: ms.nullable() },
      }),
      rows: count,
      ...act,
    }),
  },
  /** Everyone, or all of a client, was logged out more often than `limit` within the window. */
  RevocationsSurged: {
    1: z.object({ key, limit: count, windowMs: count, ...act }),
  },
  UserCreated: { 1: createdV1, 2: createdV2 },
  PasswordChanged: { 1: aboutUser, 2: aboutUser.extend(act) },
  UserDisabled: { 1: aboutUser, 2: aboutUser.extend(act) },
  UserEnabled: { 1: aboutUser, 2: aboutUser.extend(act) },
  /** The name is not told: what is for ever should not hold it. */
  UserDeleted: { 1: aboutUser, 2: aboutUser.extend(act) },
  /** What events say of this person cannot be read any more. */
  UserErased: { 1: aboutUser.extend(act) },
  /** The roles from now on. */
  RolesChanged: { 1: rolesV1, 2: rolesV1.extend(act) },
  ...noticedSchemas,
  ...trailSchemas,
  /** The longest access or sliding lifetime ever in force; cutoffs live at least as long. */
  LifetimeRaised: { 1: z.object({ longestMs: count }) },
} as const

type Schemas = typeof eventSchemas
export type EventType = keyof Schemas
type Versions<Type extends EventType> = Extract<keyof Schemas[Type], number>
type Body<Type extends EventType, Version extends Versions<Type>> =
  Schemas[Type][Version] extends z.ZodType<infer Data> ? Readonly<Data> : never
type Stored<Type extends EventType> = {
  [Version in Versions<Type>]: Readonly<{ type: Type; version: Version; data: Body<Type, Version> }>
}[Versions<Type>]

/** All that may lie in the log, for ever. */
export type StoredEvent = { [Type in EventType]: Stored<Type> }[EventType]

/** The newest version of each type: the one that is written. */
export const currentVersion = {
  TokenIssued: 1,
  TokenRevoked: 2,
  LoginFailed: 1,
  SteppedUp: 1,
  ReuseDetected: 1,
  GraceReplayed: 1,
  LoginLimited: 1,
  OriginRefused: 1,
  AccessDenied: 1,
  AuditRead: 1,
  RevocationsSurged: 1,
  UserCreated: 2,
  PasswordChanged: 2,
  UserDisabled: 2,
  UserEnabled: 2,
  UserDeleted: 2,
  UserErased: 1,
  RolesChanged: 2,
  KeyRotated: 1,
  KeyRemoved: 1,
  SettingsChanged: 1,
  GuardAttached: 1,
  GuardStale: 1,
  GuardFresh: 1,
  GuardGone: 1,
  TrailDisputed: 1,
  PropagationMeasured: 1,
  HoldPlaced: 1,
  HoldReleased: 1,
  TrailRetained: 1,
  InvariantBroken: 1,
  DeadLetterSettled: 1,
  LifetimeRaised: 1,
} as const satisfies { [Type in EventType]: Versions<Type> }

/**
 * What the code of today speaks: the newest version of each type (`upcast` brings older ones here).
 */
export type EventOf<Type extends EventType> = Extract<
  Stored<Type>,
  { version: (typeof currentVersion)[Type] }
>
export type AuthEvent = { [Type in EventType]: EventOf<Type> }[EventType]
export type EventData<Type extends EventType> = EventOf<Type>['data']

export type TokenIssued = EventOf<'TokenIssued'>
export type TokenRevoked = EventOf<'TokenRevoked'>

/** Where a request came from, as events keep it. */
export type Origin = Readonly<{ address: string | null; agent: string | null }>
export const noOrigin: Origin = { address: null, agent: null }

/** Who acts, and from where. */
export type Act = Readonly<{ actor: Actor | null }> & Origin
/** Whose word it is when a gateway follows its own rules. */
export const gatewayActor: Actor = { by: 'system', id: 'gateway' }
/** Whose word it is when an auditor notices something. */
export const auditorActor: Actor = { by: 'system', id: 'auditor' }
/** What the id of an actor begins with who typed a command. */
export const commandLine = 'cli:'
/** The act of an event that names nobody. */
export const noAct: Act = { actor: null, ...noOrigin }

export const event = <Type extends EventType>(type: Type, data: EventData<Type>): EventOf<Type> =>
  ({ type, version: currentVersion[type], data }) as unknown as EventOf<Type>
