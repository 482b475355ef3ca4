import type { Clock } from '../../../shared/kernel/clock.ts'
import { isAuthError } from '../../../shared/kernel/errors.ts'
import type { Arrived } from '../../../shared/ports/audit-index.ts'
import {
  type ArrivedEvents,
  type Asking,
  arrivedEvents,
  arrivedSoFar,
  type ReadEvent,
  type Wanted,
} from './read-events.ts'

const followEveryMs = 500

export type Followed = Readonly<{
  asking: Asking
  wanted: Wanted
  /** Where a former reader ended; from now on without it. */
  after?: Arrived | null
  /** That somebody is shown these events; what cannot be told is not shown yet. */
  tell: (shown: readonly ReadEvent[]) => Promise<void>
  clock: Clock
  stop: AbortSignal
  /** Where several catch up, these looks wait for each other. */
  inTurn?: <T>(look: () => Promise<T>) => Promise<T>
}>

/**
 * Gives `null` for an error that a retry may mend, so that the follower goes on where it was;
 * throws every other error.
 */
export const unlessRetriable = (error: unknown): null => {
  if (isAuthError(error) && error.retriable) return null
  throw error
}

/**
 * Events in the order in which they come, until `stop`: what each look found, which may be nothing,
 * and `null` where the index did not answer. A look comes when its reader took the one before, so
 * nothing is kept for whoever is slow.
 */
export const followInBatches = async function* (
  parts: Followed,
): AsyncGenerator<Omit<ArrivedEvents, 'more'> | null> {
  const { asking, wanted, after = null, tell, clock, stop, inTurn = (look) => look() } = parts
  let arrived = after ?? (await arrivedSoFar(asking))
  const toldArrivals = async (): Promise<ArrivedEvents> => {
    const arrivals = await arrivedEvents(asking, wanted, arrived)
    if (arrivals.events.length > 0) await tell(arrivals.events)
    return arrivals
  }
  let isBehind = after !== null
  while (!stop.aborted) {
    const look = isBehind ? inTurn(toldArrivals) : toldArrivals()
    const arrivals = await look.catch(unlessRetriable)
    if (arrivals !== null) arrived = arrivals.arrived
    isBehind = arrivals?.more ?? isBehind
    yield arrivals
    if (!arrivals?.more) await clock.sleep(followEveryMs, stop)
  }
}

/** Events from now on, in the order in which they come, until `stop`. */
export const followEvents = async function* (parts: Followed): AsyncGenerator<ReadEvent> {
  for await (const look of followInBatches(parts)) yield* look?.events ?? []
}
