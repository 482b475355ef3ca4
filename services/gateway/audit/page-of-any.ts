import type {
  AuditIndex,
  AuditPage,
  AuditQuery,
  FoundEvent,
} from '../../../shared/ports/audit-index.ts'

type Query = Omit<AuditQuery, 'terms'>
type Place = FoundEvent['place']

const byPlace = (a: Place, b: Place): number =>
  a.at - b.at || a.lane - b.lane || a.offset - b.offset

/**
 * One page of the events that have all terms of any of these choices. A choice that was looked at
 * up to some place only says nothing of what is behind it, so the page ends there.
 */
export const pageOfAny = async (
  index: AuditIndex,
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
