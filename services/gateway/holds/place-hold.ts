import {
  changeHolds,
  type Hold,
  type HoldScope,
  readHolds,
  withHold,
  withRelease,
} from '../../../shared/fleet/holds/index.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { type SubjectId, sessionStream } from '../../../shared/kernel/ids.ts'
import type { EventDeps } from '../publication/index.ts'
import { tellHolds } from './tell-holds.ts'

export type AskedHold = Readonly<{ scope: HoldScope; reason: string }>

/** Of whom the session is: a hold on it must be known when its user is to be erased. */
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
 * @throws AuthError INPUT_INVALID, HOLDS_FULL, STORE_UNAVAILABLE
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
