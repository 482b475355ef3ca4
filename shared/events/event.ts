import { z } from 'zod'
import type {
  ClientId,
  EpochMs,
  EpochSeconds,
  RevocationKey,
  SessionId,
  SubjectId,
  TokenId,
} from '../kernel/ids.ts'

/**
 * Every event that Curfew ever stored, by type and version. History is a promise: a type gets a new
 * version beside the old one (with an upcaster and a golden file), and nothing here is edited or
 * removed.
 */
const hex32 = z.string().regex(/^[0-9a-f]{32}$/)
const jti = hex32.transform((text) => text as TokenId)
const sid = hex32.transform((text) => text as SessionId)
const sub = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/)
  .transform((text) => text as SubjectId)
const client = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,64}$/)
  .transform((text) => text as ClientId)
const ms = z.int().transform((value) => value as EpochMs)
const seconds = z.int().transform((value) => value as EpochSeconds)
const key = z
  .string()
  .regex(/^(all|(jti|sid|sub|client):[\x21-\x7e]{1,255})$/)
  .transform((text) => text as RevocationKey)
const count = z.int().min(0)
/** Where a request came from; both may be absent (the command line, a service). */
const origin = { address: z.string().max(64).nullable(), agent: z.string().max(256).nullable() }

/** Why something ended; travels to guards, the view and audit. */
export const revocationReasons = [
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
export type RevocationReason = (typeof revocationReasons)[number]

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
    1: z.object({
      scope: z.enum(['token', 'session', 'subject', 'client', 'all']),
      key,
      reason: z.enum(revocationReasons),
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
    }),
  },
  LoginFailed: {
    1: z.object({
      reason: z.enum(['unknown_user', 'wrong_password', 'inactive']),
      sub: sub.nullable(),
      account: z.string().max(64),
      ...origin,
    }),
  },
  ReuseDetected: { 1: z.object({ sub, sid, jti, version: count, ...origin }) },
  GraceReplayed: { 1: z.object({ sub, sid, jti, version: count, ...origin }) },
  UserCreated: {
    1: z.object({ sub, username: z.string().max(150), roles: z.array(z.string().max(64)).max(32) }),
  },
  PasswordChanged: { 1: z.object({ sub }) },
  UserDisabled: { 1: z.object({ sub }) },
  UserEnabled: { 1: z.object({ sub }) },
  /** The name is not told: what is for ever should not hold it. */
  UserDeleted: { 1: z.object({ sub }) },
  /** The roles from now on. */
  RolesChanged: { 1: z.object({ sub, roles: z.array(z.string().max(64)).max(32) }) },
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
/**
 * What the code of today speaks: the newest version of each type (`upcast` brings older ones here).
 */
export type AuthEvent = StoredEvent
export type EventOf<Type extends EventType> = Extract<AuthEvent, { type: Type }>
export type EventData<Type extends EventType> = EventOf<Type>['data']

export type TokenIssued = EventOf<'TokenIssued'>
export type TokenRevoked = EventOf<'TokenRevoked'>

/** Where a request came from, as events keep it. */
export type Origin = Readonly<{ address: string | null; agent: string | null }>
export const noOrigin: Origin = { address: null, agent: null }

/** The newest version of each type: the one that is written. */
export const currentVersion = {
  TokenIssued: 1,
  TokenRevoked: 1,
  LoginFailed: 1,
  ReuseDetected: 1,
  GraceReplayed: 1,
  UserCreated: 1,
  PasswordChanged: 1,
  UserDisabled: 1,
  UserEnabled: 1,
  UserDeleted: 1,
  RolesChanged: 1,
  LifetimeRaised: 1,
} as const satisfies { [Type in EventType]: Versions<Type> }

export const event = <Type extends EventType>(type: Type, data: EventData<Type>): EventOf<Type> =>
  ({ type, version: currentVersion[type], data }) as unknown as EventOf<Type>
