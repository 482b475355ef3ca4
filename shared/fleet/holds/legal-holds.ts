import { AuthError } from '../../kernel/errors.ts'
import type { SubjectId } from '../../kernel/ids.ts'
import type { EventStore } from '../../ports/event-store.ts'
import {
  type Hold,
  type HoldRegister,
  mayConcern,
  noHolds,
  parseRegister,
} from './hold-register.ts'

type Store = Pick<EventStore, 'agree'>

const agreedName = 'audit.holds'
/** Others change it as rarely as this one. */
const triesMax = 20

/** @throws AuthError STORE_UNAVAILABLE */
export const readHolds = async (store: Store): Promise<HoldRegister> =>
  parseRegister(await store.agree(agreedName, noHolds))

/**
 * Changes the register by compare-and-set: whoever decides by what it says, as a deletion does, and
 * writes that down here, was not overtaken by a new hold.
 * @throws AuthError STORE_UNAVAILABLE, STORE_CONTENDED, and what `change` throws
 */
export const changeHolds = async (
  store: Store,
  change: (register: HoldRegister) => HoldRegister,
): Promise<HoldRegister> => {
  let before = await store.agree(agreedName, noHolds)
  for (let tries = 0; tries < triesMax; tries += 1) {
    const next = change(parseRegister(before))
    const text = JSON.stringify(next)
    if (text === before) return next
    const now = await store.agree(agreedName, text, before)
    if (now === text) return next
    before = now
  }
  throw new AuthError('STORE_CONTENDED', 'others kept changing the legal holds')
}

/** The holds under which nothing of this user may be deleted or made unreadable. */
export const heldBy = async (store: Store, sub: SubjectId): Promise<readonly Hold[]> =>
  (await readHolds(store)).holds.filter(({ scope }) => mayConcern(scope, sub))

/** @throws AuthError LEGAL_HOLD while there is a hold on what is known of this user */
export const refuseWhileHeld = async (store: Store, sub: SubjectId): Promise<void> => {
  const [hold] = await heldBy(store, sub)
  if (!hold) return
  throw new AuthError('LEGAL_HOLD', `the legal hold ${hold.id} keeps this: ${hold.reason}`)
}
