import type { EpochMs } from '../kernel/ids.ts'
import type { Actor, AuthEvent } from './event.ts'
import { actorOf } from './event-actor.ts'

/** Whose key seals: a person’s, a service client’s, or that of a day (UTC) for what nobody owns. */
export type KeyOwner = `sub:${string}` | `client:${string}` | `day:${string}`

/** How an event names the owner of a key: who acted, whom it is about, when it happened. */
export type OwnerRole = 'a' | 's' | 'd'

/** Personal fields of an event, by their codes. Codes are stored: added, never changed. */
export type PersonalFields = Readonly<Record<string, string>>

/** What an event says of a person, apart from the event; `rest` says nothing of it. */
export type PersonalParts = Readonly<{
  rest: AuthEvent
  fields: ReadonlyMap<OwnerRole, PersonalFields>
  address: string | null
}>

type Members = Readonly<Record<string, unknown>>

export const ownerOfSubject = (sub: string): KeyOwner => `sub:${sub}`
/** The day of UTC, as keys of days are named: `2026-11-30`. */
export const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10)
export const ownerOfDay = (at: EpochMs): KeyOwner => `day:${dayOf(at)}`

const ownerOfActor = (actor: Actor | null): KeyOwner | null => {
  if (actor === null || actor.by === 'system') return null
  return actor.by === 'service' ? `client:${actor.id}` : ownerOfSubject(actor.id)
}

/** Whose key the role means; `null` where the event names nobody in it. */
export const ownerOf = (role: OwnerRole, event: AuthEvent, at: EpochMs | null): KeyOwner | null => {
  if (role === 'a') return ownerOfActor(actorOf(event))
  if (role === 'd') return at === null ? null : ownerOfDay(at)
  const { sub } = event.data as Readonly<{ sub?: string | null }>
  return sub ? ownerOfSubject(sub) : null
}

const originRole = (event: AuthEvent): OwnerRole => {
  if (ownerOf('a', event, null) !== null) return 'a'
  return ownerOf('s', event, null) === null ? 'd' : 's'
}
const subjectRole = (event: AuthEvent): OwnerRole =>
  ownerOf('s', event, null) === null ? 'd' : 's'

/** An id that Curfew drew says nothing of a person; what else somebody typed may be a name. */
const drawnId = /^[0-9a-f]{32}$/
/** Accounts are found by their names too. */
const namesUser = /\/users\/(?![0-9a-f]{32}(?:\/|$))[^/]/

type Rule = Readonly<{
  code: string
  member: string
  /** Whether it is a member of `filter`. */
  inFilter?: true
  role: (event: AuthEvent) => OwnerRole
  /** Only such texts are personal; all are, without it. */
  isPersonal?: (text: string) => boolean
  /** What stands in its place. */
  blank: null | ''
}>

const always = (): OwnerRole => 'd'
const address: Rule = { code: 'a', member: 'address', role: originRole, blank: null }
const agent: Rule = { code: 'g', member: 'agent', role: originRole, blank: null }
const username: Rule = { code: 'n', member: 'username', role: subjectRole, blank: '' }
const account: Rule = { code: 'c', member: 'account', role: subjectRole, blank: '' }
const path: Rule = {
  ...{ code: 'p', member: 'path', role: always, blank: '' },
  isPersonal: (text) => namesUser.test(text),
}
const ofFilter = { inFilter: true, role: always, blank: null } as const
const askedAddress: Rule = { code: 'fa', member: 'address', ...ofFilter }
/** What whoever asked typed; a filter’s user is one whom events name, so it is an id. */
const asked = (code: string, member: string): Rule => ({
  ...{ code, member, ...ofFilter },
  isPersonal: (text) => !drawnId.test(text),
})
const askedOf = [
  asked('fc', 'actor'),
  asked('fs', 'session'),
  asked('ft', 'token'),
  asked('fl', 'client'),
]

const origin = [address, agent]
const rulesOfType: Readonly<Record<string, readonly Rule[]>> = {
  UserCreated: [...origin, username],
  LoginFailed: [...origin, account],
  LoginLimited: [...origin, account],
  AccessDenied: [...origin, path],
  OriginRefused: [...origin, path],
  AuditRead: [...origin, askedAddress, ...askedOf],
}
const rulesOf = ({ type }: AuthEvent): readonly Rule[] => rulesOfType[type] ?? origin

const textOf = ({ data }: AuthEvent, { member, inFilter }: Rule): string | null => {
  const members = data as Members
  const holder = inFilter ? (members['filter'] as Members | undefined) : members
  const value = holder?.[member]
  return typeof value === 'string' && value !== '' ? value : null
}

const withMember = (data: Members, { member, inFilter }: Rule, value: unknown): Members =>
  inFilter
    ? { ...data, filter: { ...(data['filter'] as Members), [member]: value } }
    : { ...data, [member]: value }

/** Parts what an event says of a person from the rest of it. */
export const partPersonal = (event: AuthEvent): PersonalParts => {
  const fields = new Map<OwnerRole, Record<string, string>>()
  let data = event.data as Members
  for (const rule of rulesOf(event)) {
    const value = textOf(event, rule)
    if (value === null || rule.isPersonal?.(value) === false) continue
    const role = rule.role(event)
    const ofRole = fields.get(role)
    if (ofRole) ofRole[rule.code] = value
    else fields.set(role, { [rule.code]: value })
    data = withMember(data, rule, rule.blank)
  }
  const rest = fields.size === 0 ? event : ({ ...event, data } as AuthEvent)
  return { rest, fields, address: textOf(event, address) }
}

/**
 * The event with these fields in it. Others than its type has, and those that it shows already,
 * are left out.
 */
export const withPersonal = (event: AuthEvent, fields: PersonalFields): AuthEvent => {
  let data = event.data as Members
  for (const rule of rulesOf(event)) {
    const value = Object.hasOwn(fields, rule.code) ? fields[rule.code] : undefined
    if (typeof value !== 'string' || textOf(event, rule) !== null) continue
    data = withMember(data, rule, value)
  }
  return data === event.data ? event : ({ ...event, data } as AuthEvent)
}
