import type { EventData, EventType } from '../../../shared/events/event.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { AuditPlace } from '../../../shared/ports/audit-index.ts'
import type { ReadEvent } from '../audit/index.ts'

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
