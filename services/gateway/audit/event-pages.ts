import { type AuditFilter, noFilter } from '../../../shared/events/audit-terms.ts'
import type { AuditPlace } from '../../../shared/ports/audit-index.ts'
import {
  type Asking,
  type EventPage,
  type ReadEvent,
  readEvents,
  readEventsOfAny,
  type WantedPage,
} from './read-events.ts'

/** Where a page begins, how long it may be, and in which time it looks. */
export type Page = Pick<WantedPage, 'since' | 'until' | 'order' | 'after' | 'limit'>

const always = { since: null, until: null, after: null } as const

/** A page of events by parts of a filter. @throws AuthError AUDIT_UNFILLED, STORE_UNAVAILABLE */
export const pageOf = (
  asking: Asking,
  filter: Partial<AuditFilter>,
  page: Pick<Page, 'order' | 'limit'> & Partial<Page>,
): Promise<EventPage> => readEvents(asking, { ...noFilter, ...always, ...filter, ...page })

/** As `pageOf`, of events that fit any of these filters. */
export const pageOfAny = (
  asking: Asking,
  filters: readonly Partial<AuditFilter>[],
  page: Page,
): Promise<EventPage> => {
  const whole = filters.map((filter) => ({ ...noFilter, ...filter }))
  return readEventsOfAny(asking, whole, page)
}

/** All events of a filter and a time, one after another, for as long as somebody asks for more. */
export const eachOf = async function* (
  asking: Asking,
  filter: Partial<AuditFilter>,
  page: Pick<Page, 'order' | 'limit'> & Partial<Page>,
): AsyncGenerator<ReadEvent> {
  let after: AuditPlace | null = page.after ?? null
  do {
    const read: EventPage = await pageOf(asking, filter, {
      ...page,
      after,
    })
    yield* read.events
    after = read.next
  } while (after !== null)
}

/** The first event of a filter and a time; `null` for none. */
export const firstOf = async (
  asking: Asking,
  filter: Partial<AuditFilter>,
  page: Pick<Page, 'order'> & Partial<Page>,
): Promise<ReadEvent | null> => {
  for await (const event of eachOf(asking, filter, { ...page, limit: 1 })) return event
  return null
}
