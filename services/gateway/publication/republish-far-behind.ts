import type { EventStore, RelayScan } from '../../../shared/ports/event-store.ts'
import type { LogBounds } from './log-identity.ts'
import type { Publisher } from './publisher.ts'

/** A reader reads so many records in a fraction of a second. */
const farBehind = 20_000
/** More than these must be read anyway, so the closed times between them weigh little. */
const broughtMax = 500

type Parts = Readonly<{ store: EventStore; publisher: Publisher }>

/**
 * Tells the few revocations again that lie far behind the log's end, so that a reader need not
 * begin there: one that is in force for a day would make every start read a day of closed times.
 * Returns how many.
 */
export const republishFarBehind = async (
  { store, publisher }: Parts,
  { tick, low }: RelayScan,
  { end }: LogBounds,
): Promise<number> => {
  const from = end - farBehind
  if (tick.logId === null || low === null || low >= from) return 0
  const far = await store.publishedBelow(tick.logId, from, tick.t, broughtMax + 1)
  if (far.length > broughtMax) return 0
  if (far.length > 0) await publisher.republish(far)
  return far.length
}
