import {
  type AuditFilter,
  fitsFilter,
  noFilter,
  termOfId,
  termsOfFilter,
  termsOfSealed,
} from '../../../shared/events/audit-terms.ts'
import type { Actor, AuthEvent } from '../../../shared/events/event.ts'
import { actorOf } from '../../../shared/events/event-actor.ts'
import type { EventCheck } from '../../../shared/events/event-mac.ts'
import type { RawRecord } from '../../../shared/events/log-record.ts'
import type { KeyOwner } from '../../../shared/events/personal-fields.ts'
import { readEventRecord } from '../../../shared/events/read-event-record.ts'
import { readHolds } from '../../../shared/fleet/holds/index.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EpochMs, EventId } from '../../../shared/kernel/ids.ts'
import type {
  Arrived,
  AuditIndex,
  AuditPage,
  AuditPlace,
  AuditQuery,
  FoundEvent,
} from '../../../shared/ports/audit-index.ts'
import type { Privacy } from '../../../shared/privacy/index.ts'
import type { EventDeps } from '../publication/index.ts'

/**
 * What nobody fills has no events to find, which is no answer to any question.
 * @throws AuthError AUDIT_UNFILLED, STORE_UNAVAILABLE
 */
const requireFilled = async (index: Pick<AuditIndex, 'lanes'>): Promise<void> => {
  if ((await index.lanes()).length > 0) return
  throw new AuthError(
    'AUDIT_UNFILLED',
    'Nobody fills the index of events: `curfew start` does unless CURFEW_AUDIT is off, and at ' +
      'scale `curfew auditor` with CURFEW_MONGODB_URL: docs/audit.md.',
  )
}

type Query = Omit<AuditQuery, 'terms'>
type Place = FoundEvent['place']

const byPlace = (a: Place, b: Place): number =>
  a.at - b.at || a.lane - b.lane || a.offset - b.offset

/**
 * One page of the events that have all terms of any of these choices. A choice that was looked at
 * up to some place only says nothing of what is behind it, so the page ends there.
 */
const joinedPage = async (
  index: Pick<AuditIndex, 'page'>,
  choices: readonly (readonly string[])[],
  query: Query,
): Promise<AuditPage> => {
  const pages = await Promise.all(choices.map((terms) => index.page({ ...query, terms })))
  const [only] = pages
  if (only && pages.length === 1) return only
  const inOrder = (a: Place, b: Place): number =>
    query.order === 'newest' ? byPlace(b, a) : byPlace(a, b)
  const [end = null] = pages.flatMap(({ next }) => next ?? []).sort(inOrder)
  const found = pages
    .flatMap(({ events }) => events)
    .filter(({ place }) => end === null || inOrder(place, end) <= 0)
    .sort((a, b) => inOrder(a.place, b.place))
  // One that has the terms of several choices comes once.
  const events = found.filter(({ place }, at) => {
    const before = found[at - 1]
    return !before || byPlace(before.place, place) !== 0
  })
  const shown = events.slice(0, query.limit)
  const last = shown.at(-1)
  return { events: shown, next: events.length > shown.length && last ? last.place : end }
}

/** What asking for events uses. */
export type Asking = Readonly<{
  index: Pick<AuditIndex, 'lanes' | 'page' | 'arrivals'>
  /** The index may lie in a database of others: each event is verified again. */
  events: EventCheck
  /** Opens what events say of persons. */
  privacy: Pick<Privacy, 'opener' | 'tags'>
  /** Opens what is sealed under this key alone: whoever reads of themselves; `null` opens all. */
  only?: KeyOwner | null
}>

/** What is wanted, and in which time. */
export type Wanted = AuditFilter & Pick<AuditQuery, 'since' | 'until'>
export type WantedPage = Wanted & Pick<AuditQuery, 'order' | 'after' | 'limit'>

/** An event as somebody reads it. */
export type ReadEvent = Readonly<{
  id: string
  at: EpochMs | null
  actor: Actor | null
  request: string | null
  event: AuthEvent
}>

export type EventPage = Readonly<{ events: readonly ReadEvent[]; next: AuditPlace | null }>

/** What events there say, in clear; those that fit one of the filters then. */
const readable = async (
  { events, privacy: { opener }, only = null }: Asking,
  filters: readonly AuditFilter[],
  records: readonly RawRecord[],
): Promise<ReadEvent[]> => {
  const read = records.flatMap((record) => {
    const one = readEventRecord(events, record)
    return one.ok ? [one] : []
  })
  const opened = await opener.open(read, only)
  return opened
    .filter(({ event }) => filters.some((filter) => fitsFilter(filter, event)))
    .map(({ id, at, event, request = null }) => ({
      ...{ id, at, actor: actorOf(event), request, event },
    }))
}

/** By what events of a filter are found: those whose address is sealed, by its tag. */
const choicesOf = ({ privacy: { tags } }: Asking, filter: AuditFilter): (readonly string[])[] => {
  const tag = filter.address === null ? null : tags.of(filter.address)
  return [termsOfFilter(filter), ...(tag === null ? [] : [termsOfSealed(filter, tag)])]
}

/**
 * One page of the events that fit any of these filters, each once.
 * @throws AuthError AUDIT_UNFILLED, STORE_UNAVAILABLE
 */
export const readEventsOfAny = async (
  asking: Asking,
  filters: readonly AuditFilter[],
  { since, until, order, after, limit }: Omit<WantedPage, keyof AuditFilter>,
): Promise<EventPage> => {
  const choices = filters.flatMap((filter) => choicesOf(asking, filter))
  const query = { since, until, order, after, limit }
  const page = await joinedPage(asking.index, choices, query)
  if (page.events.length === 0 && after === null) await requireFilled(asking.index)
  const records = page.events.map(({ record }) => record)
  return { events: await readable(asking, filters, records), next: page.next }
}

/** One page of events. @throws AuthError AUDIT_UNFILLED, STORE_UNAVAILABLE */
export const readEvents = (asking: Asking, wanted: WantedPage): Promise<EventPage> =>
  readEventsOfAny(asking, [wanted], wanted)

/** The event of this id; `null` if there is none (yet). @throws AuthError STORE_UNAVAILABLE */
export const eventOfId = async (asking: Asking, id: EventId): Promise<ReadEvent | null> => {
  const query = { terms: [termOfId(id)], since: null, until: null, order: 'oldest' } as const
  let after: AuditPlace | null = null
  do {
    const page: AuditPage = await asking.index.page({ ...query, after, limit: eventsOfStreamMax })
    const records = page.events.map(({ record }) => record)
    const found = (await readable(asking, [noFilter], records)).find((event) => event.id === id)
    if (found) return found
    after = page.next
  } while (after !== null)
  await requireFilled(asking.index)
  return null
}
const eventsOfStreamMax = 1_000

export type ArrivedEvents = Readonly<{
  events: readonly ReadEvent[]
  arrived: Arrived
  more: boolean
}>

/** What came since, in the order of time; also what came late. */
export const arrivedEvents = async (
  asking: Asking,
  { since, until, ...filter }: Wanted,
  after: Arrived,
): Promise<ArrivedEvents> => {
  const { records, arrived, more } = await asking.index.arrivals(after, arrivalsMax)
  const events = (await readable(asking, [filter], records))
    .filter(
      ({ at }) => (since === null || (at ?? 0) >= since) && (until === null || (at ?? 0) < until),
    )
    .sort((a, b) => (a.at ?? 0) - (b.at ?? 0))
  return { events, arrived, more }
}
/** Some 20 ms of a processor. */
const arrivalsMax = 250

/** Behind all that is indexed now. @throws AuthError AUDIT_UNFILLED, STORE_UNAVAILABLE */
export const arrivedSoFar = async ({ index }: Pick<Asking, 'index'>): Promise<Arrived> => {
  await requireFilled(index)
  return new Map((await index.lanes()).map(({ lane, next }) => [lane, next]))
}

/** An event as `GET /audit/events` and `curfew audit query --json` show it. */
export const eventBody = ({ id, at, actor, request, event }: ReadEvent) => ({
  id,
  time: at === null ? null : new Date(at).toISOString(),
  type: event.type,
  actor,
  request,
  data: event.data,
})

/**
 * Before which instant events of the time that is asked for were let go of; `null` where none of it
 * was. So an answer that has nothing is not taken for one that nothing happened.
 * @throws AuthError STORE_UNAVAILABLE
 */
export const letGoBefore = async (
  { context: { store } }: Pick<EventDeps, 'context'>,
  { since }: Pick<Wanted, 'since'>,
): Promise<EpochMs | null> => {
  const { retentions } = await readHolds(store)
  const before = Math.max(0, ...Object.values(retentions).map(({ told }) => told.before))
  return before > (since ?? 0) ? (before as EpochMs) : null
}
