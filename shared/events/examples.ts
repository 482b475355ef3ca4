import type { z } from 'zod'
import type {
  ClientId,
  EpochMs,
  EpochSeconds,
  EventId,
  LogId,
  SessionId,
  SubjectId,
  TokenId,
} from '../kernel/ids.ts'
import { type EventType, type eventSchemas, noOrigin, type StoredEvent } from './event.ts'
import type { ClosedTime, Revocation } from './revocation-record.ts'

/**
 * One sample of each event type and version: for the reference pages, the golden files and tests. A
 * version without a sample does not compile. What is here is stored in golden files, so samples are
 * added, never edited.
 */
type Schemas = typeof eventSchemas
type Samples = {
  readonly [Type in EventType]: {
    readonly [Version in keyof Schemas[Type]]: Schemas[Type][Version] extends z.ZodType<infer Data>
      ? Readonly<Data>
      : never
  }
}

const sid = '5e551011ab5e551011ab5e551011ab01' as SessionId
const sub = '50b1ec75ab50b1ec75ab50b1ec75ab01' as SubjectId
const client = 'curfew' as ClientId
const refresh = '4ef4e500ab0000000000000000000001' as TokenId
const successor = '4ef4e500ab0000000000000000000002' as TokenId
const iat = 1_800_000_000 as EpochSeconds
const at = 1_800_000_000_000 as EpochMs
const origin = { address: '192.0.2.7', agent: 'Mozilla/5.0 (example)' }

const administrator = {
  by: 'administrator',
  id: 'ad31ad31ad31ad31ad31ad31ad31ad31',
} as const
const act = { actor: administrator, ...origin }
const account = 'acc0c47ab0acc0c47ab0acc0c47ab001'
const kids = ['hOdVfNfyIWrVF3Yo', 'Zc1kPS9VwQYvQyvI'] as const
const guard = { client: 'shop' as ClientId, instance: '6f1ed002ab559585', name: 'orders' }
const asked = { method: 'POST', path: '/users' }
const revokedV1 = {
  scope: 'session',
  key: `sid:${sid}`,
  reason: 'logout',
  cutoff: null,
  sub,
  sid,
  revokedAt: at,
  expiresAt: (at + 1_200_000) as EpochMs,
  refresh: { jti: refresh, exp: (iat + 259_200) as EpochSeconds },
  ...origin,
} as const

const samples: Samples = {
  TokenIssued: {
    1: {
      kind: 'refresh',
      jti: successor,
      sub,
      client,
      sid,
      iat,
      exp: (iat + 259_200) as EpochSeconds,
      replaces: refresh,
      cause: 'refresh',
      ...origin,
    },
  },
  TokenRevoked: {
    1: revokedV1,
    2: { ...revokedV1, reason: 'revoked', actor: administrator },
  },
  LoginFailed: { 1: { reason: 'wrong_password', sub, account, ...origin } },
  SteppedUp: { 1: { sub, sid, ...origin } },
  ReuseDetected: { 1: { sub, sid, jti: refresh, version: 3, ...origin } },
  GraceReplayed: { 1: { sub, sid, jti: refresh, version: 3, ...origin } },
  LoginLimited: { 1: { limit: 'pair', sub, account, ...origin } },
  OriginRefused: { 1: { page: 'https://elsewhere.example', ...asked, ...origin } },
  AccessDenied: {
    1: { actor: { by: 'user', id: sub }, sub, sid, code: 'forbidden', ...asked, ...origin },
  },
  AuditRead: {
    1: {
      filter: {
        ...{ user: sub, session: null, token: null, client: null, actor: null },
        ...{ kind: 'LoginFailed', address: null, since: at, until: null },
      },
      rows: 7,
      ...act,
    },
  },
  RevocationsSurged: { 1: { key: 'all', limit: 5, windowMs: 3_600_000, ...act } },
  UserCreated: {
    1: { sub, username: 'zoë', roles: ['admin'] },
    2: { sub, username: 'zoë', roles: ['admin'], ...act },
  },
  PasswordChanged: { 1: { sub }, 2: { sub, ...act, actor: { by: 'user', id: sub } } },
  UserDisabled: { 1: { sub }, 2: { sub, ...act } },
  UserEnabled: { 1: { sub }, 2: { sub, ...act } },
  UserDeleted: { 1: { sub }, 2: { sub, ...act, actor: { by: 'service', id: 'directory' } } },
  UserErased: { 1: { sub, ...act } },
  RolesChanged: {
    1: { sub, roles: ['staff'] },
    2: { sub, roles: ['staff'], actor: { by: 'system', id: 'cli:root' }, ...noOrigin },
  },
  HoldPlaced: {
    1: {
      hold: '0123456789abcdef',
      scope: { user: sub, session: null, client: null, since: at, until: null },
      reason: 'case 7 of 2027',
      ...act,
    },
  },
  InvariantBroken: {
    1: {
      invariant: 'none_used_after_end',
      stream: `s/${sid}`,
      ...{ sub, sid },
      events: [`s/${sid}:1:0`, `s/${sid}:2:1`],
    },
  },
  DeadLetterSettled: { 1: { offset: 3, laid: 'auth.events/5/1712', how: 'retried', ...act } },
  HoldReleased: { 1: { hold: '0123456789abcdef', reason: 'case 7 was closed', ...act } },
  TrailRetained: {
    1: {
      trail: 'auth.example/audit',
      before: at,
      count: 512,
      logs: [
        {
          log: '0123456789abcdef0123456789abcdef/3',
          ...{ from: 256, to: 768 },
          root: '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
        },
      ],
      holds: ['0123456789abcdef'],
      exports: ['e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
      reason: 'two years are over',
      ...act,
    },
  },
  KeyRotated: { 1: { ring: 'signing', kid: kids[1], alg: 'ES256', before: kids[0] } },
  KeyRemoved: { 1: { ring: 'signing', kid: kids[0], alg: 'ES256' } },
  SettingsChanged: {
    1: {
      changed: [
        { name: 'CURFEW_MAX_SESSIONS', before: '0123456789abcdef', now: 'fedcba9876543210' },
        { name: 'CURFEW_STATUS_LIST', before: null, now: '00112233445566aa' },
      ],
    },
  },
  GuardAttached: { 1: { ...guard, feed: 'kafka' } },
  GuardStale: { 1: { ...guard, closedTime: at } },
  GuardFresh: { 1: { ...guard, closedTime: (at + 30_000) as EpochMs } },
  GuardGone: { 1: { ...guard, reportedAt: at } },
  TrailDisputed: {
    1: {
      ...guard,
      state: 'rewritten',
      head: {
        origin: 'auth.example/audit/10910910910910910910910910910910/heads',
        size: 41_000,
        root: '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
      },
    },
  },
  PropagationMeasured: {
    1: {
      from: at,
      to: (at + 60_000) as EpochMs,
      guards: [{ ...guard, count: 41, p50Ms: 25, p99Ms: 250, maxMs: 500 }],
    },
  },
  LifetimeRaised: { 1: { longestMs: 900_000 } },
}

export type EventExample = Readonly<{ id: EventId; at: EpochMs; stored: StoredEvent }>

const aside = [
  'LoginFailed',
  'SteppedUp',
  'GraceReplayed',
  'LoginLimited',
  'OriginRefused',
  'AccessDenied',
  'AuditRead',
  'RevocationsSurged',
  'KeyRotated',
  'KeyRemoved',
  'SettingsChanged',
  'GuardAttached',
  'GuardStale',
  'GuardFresh',
  'GuardGone',
  'TrailDisputed',
  'PropagationMeasured',
  'HoldPlaced',
  'HoldReleased',
  'TrailRetained',
  'InvariantBroken',
  'DeadLetterSettled',
]
const streamOf = (type: string): string =>
  type.startsWith('User') || type === 'PasswordChanged'
    ? `u/${sub}`
    : type === 'LifetimeRaised'
      ? 'all'
      : aside.includes(type)
        ? 'x/a51de0000000000000000000000000a1'
        : `s/${sid}`

/** In the order of the catalogue, older versions first. */
export const eventExamples: readonly EventExample[] = Object.entries(samples).flatMap(
  ([type, versions]) =>
    Object.entries(versions).map(([version, data]) => ({
      id: `${streamOf(type)}:1:0` as EventId,
      at,
      stored: { type, version: Number(version), data } as unknown as StoredEvent,
    })),
)

/** What guards learn of the sample of `TokenRevoked`. */
export const revocationExample: Revocation = {
  key: `sid:${sid}`,
  cutoff: null,
  expiresAt: (at + 1_200_000) as EpochMs,
  reason: 'logout',
  revokedAt: at,
}

/** A cutoff: every session of the subject that began at an epoch below 4 is dead. */
export const cutoffExample: Revocation = {
  key: `sub:${sub}`,
  cutoff: 4,
  expiresAt: (at + 1_200_000) as EpochMs,
  reason: 'logout_all',
  revokedAt: at,
}

export const closedTimeExample = {
  t: at,
  logId: '109109109109109109109109109109a1' as LogId,
  low: 41,
} as const satisfies ClosedTime
