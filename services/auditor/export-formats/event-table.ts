import type { EventType } from '../../../shared/events/event.ts'
import { textIn } from '../leaves/index.ts'
import { dataIn, type ExportedLeaf, kindOf } from './exported-leaf.ts'

/** Classes of OCSF 1.8; those that 1.9 puts in place of two of them go here and nowhere else. */
export type OcsfClass = 3001 | 3002 | 3004
export type Severity = 'informational' | 'low' | 'medium' | 'high' | 'critical'

/** What a kind of event is to the tools of others. */
export type EventMeaning = Readonly<{
  /** Members of the data and the values for which the row holds; else it holds for all others. */
  when?: Readonly<Record<string, readonly string[]>>
  /** As a person reads it. */
  name: string
  class: OcsfClass
  /** The number that OCSF gives the activity in this class; 99 where OCSF has none. */
  activity: number
  severity: Severity
  failed?: true
  /** For class 3004 (Entity Management): the kind of entity, and the member that names it. */
  entity?: readonly [type: string, member: string]
}>

type Rows = readonly [...EventMeaning[], EventMeaning]
/** What the auditor puts in place of a record that is no event. */
type OwnType = 'OpaqueRecord' | 'LargeRecord' | 'MissingRecord'

const low = 'informational'
const record = { class: 3004, activity: 99, entity: ['log record', 'id'] } as const
const key = { class: 3004, activity: 9, entity: ['key', 'kid'] } as const
const guard = { class: 3004, activity: 99, entity: ['guard', 'instance'] } as const
const hold = { class: 3004, entity: ['legal hold', 'hold'] } as const
const account = { class: 3001, severity: low } as const

/**
 * Every type of event, by what exports say of it. The first row that holds is taken. A type without
 * rows does not compile.
 */
export const eventTable = {
  TokenIssued: [
    {
      when: { cause: ['login'], kind: ['refresh', 'sliding'] },
      ...{ name: 'Logged in', class: 3002, activity: 1, severity: low },
    },
    {
      when: { cause: ['login'] },
      ...{ name: 'Access token issued', class: 3002, activity: 3, severity: low },
    },
    { name: 'Token renewed', class: 3002, activity: 5, severity: low },
  ],
  TokenRevoked: [
    {
      when: { scope: ['token'] },
      ...{ name: 'Token revoked', class: 3004, activity: 9, severity: low },
      entity: ['token', 'key'],
    },
    {
      when: { scope: ['client'] },
      ...{ name: 'Sessions of a client ended', class: 3004, activity: 9, severity: 'medium' },
      entity: ['client', 'key'],
    },
    {
      when: { scope: ['all'] },
      ...{ name: 'All sessions ended', class: 3004, activity: 9, severity: 'high' },
      entity: ['sessions', 'key'],
    },
    {
      when: { reason: ['reuse'] },
      ...{ name: 'Session ended after reuse', class: 3002, activity: 2, severity: 'high' },
    },
    {
      when: { scope: ['subject'] },
      ...{ name: 'Sessions of a user ended', class: 3002, activity: 2, severity: 'low' },
    },
    { name: 'Session ended', class: 3002, activity: 2, severity: low },
  ],
  LoginFailed: [{ name: 'Login failed', class: 3002, activity: 1, severity: 'low', failed: true }],
  SteppedUp: [{ name: 'Password given again', class: 3002, activity: 99, severity: low }],
  LoginLimited: [
    { name: 'Login limited', class: 3002, activity: 1, severity: 'medium', failed: true },
  ],
  ReuseDetected: [
    { name: 'Refresh token reused', class: 3002, activity: 99, severity: 'high', failed: true },
  ],
  GraceReplayed: [{ name: 'Refresh answered again', class: 3002, activity: 5, severity: 'low' }],
  OriginRefused: [
    {
      ...{ name: 'Origin refused', class: 3004, activity: 99, severity: 'medium', failed: true },
      entity: ['route', 'path'],
    },
  ],
  AccessDenied: [
    {
      ...{ name: 'Access denied', class: 3004, activity: 99, severity: 'medium', failed: true },
      entity: ['route', 'path'],
    },
  ],
  AuditRead: [
    {
      ...{ name: 'Events read', class: 3004, activity: 2, severity: 'informational' },
      entity: ['events', 'rows'],
    },
  ],
  RevocationsSurged: [
    {
      ...{ name: 'Many mass revocations', class: 3004, activity: 99, severity: 'high' },
      entity: ['sessions', 'key'],
    },
  ],
  UserCreated: [{ ...account, name: 'User created', activity: 1 }],
  PasswordChanged: [{ ...account, name: 'Password changed', activity: 3 }],
  UserDisabled: [{ ...account, name: 'User disabled', activity: 5 }],
  UserEnabled: [{ ...account, name: 'User enabled', activity: 2 }],
  UserDeleted: [{ ...account, name: 'User deleted', activity: 6 }],
  UserErased: [{ ...account, name: 'User erased', activity: 99 }],
  RolesChanged: [{ ...account, name: 'Roles changed', activity: 99 }],
  KeyRotated: [{ ...key, name: 'Key rotated', severity: low }],
  KeyRemoved: [{ ...key, name: 'Key removed', severity: 'medium' }],
  SettingsChanged: [
    {
      ...{ name: 'Settings changed', class: 3004, activity: 3, severity: 'medium' },
      entity: ['settings', 'id'],
    },
  ],
  GuardAttached: [{ ...guard, name: 'Guard attached', severity: low }],
  GuardStale: [{ ...guard, name: 'Guard stale', severity: 'medium' }],
  GuardFresh: [{ ...guard, name: 'Guard fresh again', severity: low }],
  GuardGone: [{ ...guard, name: 'Guard gone', severity: 'low' }],
  TrailDisputed: [{ ...guard, name: 'Trail disputed', severity: 'high' }],
  PropagationMeasured: [
    {
      ...{ name: 'Propagation measured', class: 3004, activity: 99, severity: low },
      entity: ['guards', 'id'],
    },
  ],
  HoldPlaced: [{ ...hold, name: 'Legal hold placed', activity: 1, severity: 'low' }],
  HoldReleased: [{ ...hold, name: 'Legal hold released', activity: 4, severity: 'medium' }],
  TrailRetained: [
    {
      ...{ name: 'Events let go of', class: 3004, activity: 4, severity: 'medium' },
      entity: ['trail', 'trail'],
    },
  ],
  InvariantBroken: [
    {
      ...{ name: 'Invariant broken', class: 3004, activity: 99, severity: 'high' },
      entity: ['stream', 'stream'],
    },
  ],
  DeadLetterSettled: [
    {
      ...{ name: 'Dead letter dealt with', class: 3004, activity: 3, severity: 'medium' },
      entity: ['dead letter', 'laid'],
    },
  ],
  LifetimeRaised: [
    {
      ...{ name: 'Longest lifetime raised', class: 3004, activity: 3, severity: low },
      entity: ['setting', 'id'],
    },
  ],
  OpaqueRecord: [{ ...record, name: 'Record of somebody else', severity: 'high' }],
  LargeRecord: [{ ...record, name: 'Record too large', severity: 'medium' }],
  MissingRecord: [{ ...record, name: 'Record missing', severity: 'high' }],
} as const satisfies Readonly<Record<EventType | OwnType, Rows>>

/** A CloudEvent of somebody else’s, or of a later version of Curfew. */
const unknownType: EventMeaning = { ...record, name: 'Unknown event', severity: 'medium' }

const rowsOf = (kind: string): readonly EventMeaning[] =>
  Object.hasOwn(eventTable, kind) ? eventTable[kind as keyof typeof eventTable] : []

/** What exports say of the leaf. */
export const meaningOf = (leaf: ExportedLeaf): EventMeaning => {
  const data = dataIn(leaf)
  const holds = ({ when = {} }: EventMeaning): boolean =>
    Object.entries(when).every(([member, values]) => values.includes(textIn(data[member]) ?? ''))
  return rowsOf(kindOf(leaf)).find(holds) ?? unknownType
}
