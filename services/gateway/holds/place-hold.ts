import { event } from '../../../shared/events/event.ts'
import {
  changeHolds,
  type Hold,
  type HoldScope,
  readHolds,
  withHold,
  withRelease,
  withTold,
} from '../../../shared/fleet/holds/index.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { type SubjectId, sessionStream } from '../../../shared/kernel/ids.ts'
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

const instant = (at: number | null): string | null =>
  at === null ? null : new Date(at).toISOString()

/** A hold as `GET /audit/holds` and `curfew audit hold list --json` show it. */
export const holdBody = ({ id, scope, reason, at, act, release }: Hold) => ({
  ...{ id, reason, ...scope },
  ...{ since: instant(scope.since), until: instant(scope.until) },
  ...{ placed_at: instant(at), placed_by: act.actor, is_ending: release !== null },
})

export type AskedHold = Readonly<{ scope: HoldScope; reason: string }>

/** The user of the session: a hold on the session must be found when that user is to be erased. */
const ownerOf = async (
  { context: { store } }: EventDeps,
  { user, session }: HoldScope,
): Promise<SubjectId | null> => {
  if (user !== null || session === null) return user
  const [newest = null] = await store.heads([sessionStream(session)])
  if (newest?.session) return newest.session.sub
  const text = `the store does not know the session ${session} (any more): name its user as well`
  throw new AuthError('INPUT_INVALID', text, { field: 'user' })
}

/**
 * From its return on nothing that the hold covers is deleted, and the log was told so. One that
 * fails on the way may be in force; whoever lists holds sees it, and the next change tells of it.
 * @throws AuthError INPUT_INVALID, HOLDS_FULL, STORE_UNAVAILABLE, STORE_CONTENDED
 */
export const placeHold = async (deps: EventDeps, { scope, reason }: AskedHold): Promise<Hold> => {
  const { store, entropy, storeClock, act } = deps.context
  const id = entropy.bytes(8).toString('hex')
  const whole = { ...scope, user: await ownerOf(deps, scope) }
  const hold = { id, scope: whole, reason, at: storeClock.now(), act: act() }
  await changeHolds(store, (register) => withHold(register, hold))
  await tellHolds(deps)
  return { ...hold, isTold: true, release: null }
}

/**
 * It stays in force until the log was told that it ends.
 * @throws AuthError NOT_FOUND, STORE_UNAVAILABLE
 */
export const releaseHold = async (
  deps: EventDeps,
  { id, reason }: Readonly<{ id: string; reason: string }>,
): Promise<void> => {
  const act = deps.context.act()
  await changeHolds(deps.context.store, (register) => withRelease(register, id, { reason, act }))
  await tellHolds(deps)
}

/** Those in force, oldest first. @throws AuthError STORE_UNAVAILABLE */
export const holdsInForce = async ({
  context: { store },
}: Pick<EventDeps, 'context'>): Promise<readonly Hold[]> => (await readHolds(store)).holds
