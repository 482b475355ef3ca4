import { type AuditFilter, noFilter } from '../../../shared/events/audit-terms.ts'
import type { EventData, EventType } from '../../../shared/events/event.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { AuditPlace } from '../../../shared/ports/audit-index.ts'
import { type Asking, type ReadEvent, readEvents, type WantedPage } from '../audit/index.ts'

/** Where a page of an answer begins, how long it may be, and in which time it looks. */
export type Page = Pick<WantedPage, 'since' | 'until' | 'order' | 'after' | 'limit'>

/** One page of an answer; it may be short, or empty, and have a `next`. */
export type Rows<Row> = Readonly<{ rows: readonly Row[]; next: AuditPlace | null }>

/** An event of a known type, with its time. */
export type Known<Type extends EventType> = Readonly<{
  id: string
  at: EpochMs
  request: string | null
  data: EventData<Type>
}>

/** The events of one type; one that an older version wrote without its time stands at 0. */
export const eventsOf = <Type extends EventType>(
  events: readonly ReadEvent[],
  type: Type,
): Known<Type>[] =>
  events.flatMap(({ id, at, request, event }) =>
    event.type === type
      ? [{ id, at: at ?? (0 as EpochMs), request, data: event.data as EventData<Type> }]
      : [],
  )

const always = { since: null, until: null, after: null } as const

/** A page of events by parts of a filter. @throws AuthError AUDIT_UNFILLED, STORE_UNAVAILABLE */
export const pageOf = (
  asking: Asking,
  filter: Partial<AuditFilter>,
  page: Pick<Page, 'order' | 'limit'> & Partial<Page>,
) => readEvents(asking, { ...noFilter, ...always, ...filter, ...page })

/** All events of a filter and a time, one after another, for as long as somebody asks for more. */
export const eachOf = async function* (
  asking: Asking,
  filter: Partial<AuditFilter>,
  page: Pick<Page, 'order' | 'limit'> & Partial<Page>,
): AsyncGenerator<ReadEvent> {
  let after: AuditPlace | null = page.after ?? null
  do {
    const read: Awaited<ReturnType<typeof readEvents>> = await pageOf(asking, filter, {
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

/** `each` for each of these, a few at a time, in their order. */
export const mapEach = async <T, R>(
  all: readonly T[],
  each: (one: T) => Promise<R>,
): Promise<R[]> => {
  const results: R[] = []
  for (let at = 0; at < all.length; at += atOnce) {
    results.push(...(await Promise.all(all.slice(at, at + atOnce).map(each))))
  }
  return results
}
const atOnce = 8
