import type { EventStore, RelayScan } from '../../../shared/ports/event-store.ts'
import type { LogBounds } from './log-identity.ts'
import type { Publisher } from './publisher.ts'

/** A reader reads so many records in a fraction of a second. */
const farBehindRecords = 20_000
/** With more of them, reading the closed times in between makes little difference. */
const republishedMax = 500

type Deps = Readonly<{ store: EventStore; publisher: Publisher }>

/**
 * Publishes revocations again that lie far behind the log's end, if they are few, so that a reader
 * need not begin there: one that is in force for a day would make every start read a day of closed
 * times. Answers how many it published.
 */
export const republishFarBehind = async (
  { store, publisher }: Deps,
  { tick, low }: RelayScan,
  { end }: LogBounds,
): Promise<number> => {
  const from = end - farBehindRecords
  if (tick.logId === null || low === null || low >= from) return 0
  const far = await store.publishedBelow(tick.logId, from, tick.t, republishedMax + 1)
  if (far.length > republishedMax) return 0
  if (far.length > 0) await publisher.republish(far)
  return far.length
}
