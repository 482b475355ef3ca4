import { event } from '../../../shared/events/event.ts'
import { changeHolds, type Hold, readHolds, withTold } from '../../../shared/fleet/holds/index.ts'
import { appendEventOnce, type EventDeps } from '../publication/index.ts'

const tellOne = async (deps: EventDeps, hold: Hold, what: 'placed' | 'released'): Promise<void> => {
  const { id, scope, reason, act, release } = hold
  const told =
    what === 'placed'
      ? event('HoldPlaced', { hold: id, scope, reason, ...act })
      : event('HoldReleased', { hold: id, reason: release?.reason ?? '', ...(release?.act ?? act) })
  await appendEventOnce(deps, `hold:${id}:${what}`, told)
  await changeHolds(deps.context.store, (register) => withTold(register, id, what))
}

/**
 * Tells the log of every hold that came or goes and was not told yet, also those of a process that
 * ended in the middle: a hold is in force before its event, and until its release was told.
 */
export const tellHolds = async (deps: EventDeps): Promise<void> => {
  const { holds } = await readHolds(deps.context.store)
  for (const hold of holds) {
    if (!hold.isTold) await tellOne(deps, hold, 'placed')
    if (hold.release !== null) await tellOne(deps, hold, 'released')
  }
}
