import { SingleFlight } from '../../../shared/kernel/concurrency/single-flight.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'

const runs = new WeakMap<EventStore, SingleFlight<EpochMs>>()

/**
 * An instant of the store's clock that was read after this call. Whoever asks while a tick is
 * written shares the next: in an outage each pending revocation asks, and all of them write the
 * same document. Rejects as the store does.
 */
export const instantAfter = (store: EventStore): Promise<EpochMs> => {
  const run = runs.get(store) ?? new SingleFlight(async () => (await store.relayScan(1)).tick.t)
  runs.set(store, run)
  return run.runAfresh()
}
