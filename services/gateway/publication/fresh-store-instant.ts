import { SingleFlight } from '../../../shared/kernel/concurrency/single-flight.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'

const runs = new WeakMap<EventStore, SingleFlight<EpochMs>>()

/**
 * The store's time, read after this call by writing a tick. Calls that come while a tick is being
 * written share the next one: in an outage every pending revocation calls this, and all of them
 * would write the same document. Rejects as the store does.
 */
export const freshStoreInstant = (store: EventStore): Promise<EpochMs> => {
  const run = runs.get(store) ?? new SingleFlight(async () => (await store.relayScan(1)).tick.t)
  runs.set(store, run)
  return run.runAfresh()
}
