import type { Clock } from '../../../shared/kernel/clock.ts'
import { isAuthError } from '../../../shared/kernel/errors.ts'
import {
  type ArrivedEvents,
  type Asking,
  arrivedEvents,
  arrivedSoFar,
  type ReadEvent,
  type Wanted,
} from '../../gateway/audit/index.ts'

const followEveryMs = 500

type Followed = Readonly<{
  asking: Asking
  wanted: Wanted
  /** That somebody is shown these events; what cannot be told is not shown yet. */
  tell: (shown: readonly ReadEvent[]) => Promise<void>
  clock: Clock
  stop: AbortSignal
}>

/** Of what does not answer now: whoever follows goes on where they were. */
export const unlessRetriable = (error: unknown): null => {
  if (isAuthError(error) && error.retriable) return null
  throw error
}

/** Events from now on, in the order in which they come, until `stop`. */
export const followedEvents = async function* (parts: Followed): AsyncGenerator<ReadEvent> {
  const { asking, wanted, tell, clock, stop } = parts
  let arrived = await arrivedSoFar(asking)
  const toldArrivals = async (): Promise<ArrivedEvents> => {
    const come = await arrivedEvents(asking, wanted, arrived)
    if (come.events.length > 0) await tell(come.events)
    return come
  }
  while (!stop.aborted) {
    const come = await toldArrivals().catch(unlessRetriable)
    if (come !== null) {
      yield* come.events
      arrived = come.arrived
    }
    if (!come?.more) await clock.sleep(followEveryMs, stop)
  }
}
