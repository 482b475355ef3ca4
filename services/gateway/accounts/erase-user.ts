import type { Commit, NewCommit } from '../../../shared/events/commit.ts'
import { type Act, type Actor, event, noOrigin } from '../../../shared/events/event.ts'
import { actorText } from '../../../shared/events/event-actor.ts'
import type { SessionScope } from '../../../shared/events/live-session.ts'
import { ownerOfSubject } from '../../../shared/events/personal-fields.ts'
import {
  changeHolds,
  erasureMaxMs,
  refuseWhileHeld,
  withErasure,
  withoutErasure,
} from '../../../shared/fleet/holds/index.ts'
import { newClaim } from '../../../shared/kernel/entropy.ts'
import { AuthError, isAuthError } from '../../../shared/kernel/errors.ts'
import { type SubjectId, subjectStream } from '../../../shared/kernel/ids.ts'
import type { Erasure, PersonalKeys } from '../../../shared/ports/personal-keys.ts'
import type { PersonKeys } from '../../../shared/privacy/index.ts'
import { eventCommit } from '../../../shared/session/cutoff-commit.ts'
import {
  actorOfChange,
  appendOptimistically,
  type Decision,
  isOwnCommit,
} from '../publication/index.ts'
import { appendCutoff, livingSessions } from '../revocations/index.ts'
import { deleteUser } from './change-account.ts'
import { disableKeepingAnAdministrator } from './last-administrator.ts'
import type { Accounts } from './open-accounts.ts'
import { type AccountDeps, findCommit } from './pending-cutoff.ts'

/** What erasing somebody uses. */
export type ErasureDeps = AccountDeps &
  Readonly<{
    accounts: Pick<Accounts, 'adminRole'>
    privacy: Readonly<{ keys: PersonalKeys; held: Pick<PersonKeys, 'forget'> }>
  }>

const tellsErasure = ({ events }: Commit): boolean =>
  events.some(({ type }) => type === 'UserErased')

/** Appends the event, once. @returns its commit, if it was not told before */
const tell = (deps: ErasureDeps, sub: SubjectId, act: Act): Promise<NewCommit | null> => {
  const { store, storeClock, entropy } = deps.context
  const stream = subjectStream(sub)
  const claim = newClaim(entropy)
  return appendOptimistically(deps, async (): Promise<Decision<NewCommit | null>> => {
    const [newest = null] = await store.heads([stream])
    if (isOwnCommit(newest, claim)) return { result: newest }
    if (await findCommit(store, [stream, 0], tellsErasure)) return { result: null }
    const events = [event('UserErased', { sub, ...act })]
    const insert = eventCommit(stream, newest, { events, now: storeClock.now(), claim })
    return { insert, onInserted: (commit) => commit }
  })
}

const hasLivingSession = async (deps: ErasureDeps, whose: SessionScope): Promise<boolean> => {
  for await (const page of livingSessions(deps, whose)) if (page.length > 0) return true
  return false
}

/** Ends what the user has: the account and its sessions, or sessions without an account here. */
const endAll = async (deps: ErasureDeps, sub: SubjectId, act: Act): Promise<NewCommit[]> => {
  if (await deps.accounts.directory.bySub(sub)) {
    // Another gateway may be done with the same erasure in between.
    const deleted = await deleteUser(deps, sub).catch((error: unknown) => {
      if (isAuthError(error, 'USER_UNKNOWN')) return null
      throw error
    })
    return deleted ? [deleted] : []
  }
  const target = { scope: 'subject', sub } as const
  if (!(await hasLivingSession(deps, target))) return []
  const { actor, ...origin } = act
  return [await appendCutoff(deps, { target, reason: 'user_deleted', actor, origin })]
}

/** What is left of an erasure whose key is gone. Repeating it does no harm. */
const complete = async (
  deps: ErasureDeps,
  sub: SubjectId,
  act: Act,
): Promise<readonly NewCommit[]> => {
  const ended = await endAll(deps, sub, act)
  const told = await tell(deps, sub, act)
  await deps.privacy.keys.settle(ownerOfSubject(sub))
  return told ? [...ended, told] : ended
}

/**
 * Decides by compare-and-set beside the holds: one that was placed refuses the erasure, and none is
 * placed until the key is gone. Whoever ends in between keeps holds out for a minute.
 */
const keepingHoldsOut = async (
  { context: { store, storeClock, clock } }: ErasureDeps,
  sub: SubjectId,
  erase: () => Promise<unknown>,
): Promise<void> => {
  const beganMs = clock.monotonicMs()
  await changeHolds(store, (register) => withErasure(register, sub, storeClock.now()))
  // A process that slept in between must not erase under a hold that waited no longer.
  if (clock.monotonicMs() - beganMs > erasureMaxMs / 2) {
    throw new AuthError('STORE_CONTENDED', 'the store was too slow to erase anybody: begin again')
  }
  await erase()
  await changeHolds(store, (register) => withoutErasure(register, sub))
}

/**
 * Makes unreadable, for ever and everywhere, what events say of this person: in the store, the log,
 * the trail, exports, and in backups that do not have the key. Their account goes, and their
 * sessions end. The key goes first: if the process ends in between, what is left is done by a
 * repetition, or by a gateway’s housekeeping.
 * @throws AuthError LEGAL_HOLD, ADMINISTRATOR_LAST, STORE_UNAVAILABLE, STORE_CONTENDED
 */
export const eraseUser = async (
  deps: ErasureDeps,
  sub: SubjectId,
  { force = false }: Readonly<{ force?: boolean }> = {},
): Promise<readonly NewCommit[]> => {
  const { store, storeClock } = deps.context
  const { keys, held } = deps.privacy
  await refuseWhileHeld(store, sub)
  const user = await deps.accounts.directory.bySub(sub)
  // Refused before anything is lost; only an administrator need be asked about.
  const isAdministrator = user?.active && user.roles.includes(deps.accounts.adminRole)
  const disabled = isAdministrator && !force ? [await disableKeepingAnAdministrator(deps, sub)] : []
  const act = actorOfChange(deps, sub)
  const owner = ownerOfSubject(sub)
  await keepingHoldsOut(deps, sub, () =>
    keys.erase({ owner, at: storeClock.now(), by: actorText(act.actor), open: true }),
  )
  held.forget(owner)
  return [...disabled, ...(await complete(deps, sub, act))]
}

const actorIn = (text: string | null): Actor | null => {
  const [, by, id] = /^(user|administrator|service|system):(.+)$/.exec(text ?? '') ?? []
  return by === undefined || id === undefined ? null : { by: by as Actor['by'], id }
}

/** The subject whose key it is; `null` for other keys, which are not erased this way. */
const subjectOf = ({ owner }: Erasure): SubjectId | null =>
  owner.startsWith('sub:') ? (owner.slice('sub:'.length) as SubjectId) : null

const erasuresPerRun = 20
/** An erasure that was begun within this time is left to the process that began it. */
const leftAloneMs = 30_000

/**
 * Completes erasures that were interrupted, and those of which the log tells and an older backup of
 * the store did not. @throws AuthError STORE_UNAVAILABLE, STORE_CONTENDED
 */
export const completeErasures = async (deps: ErasureDeps): Promise<void> => {
  const failures: Error[] = []
  for (const erasure of await deps.privacy.keys.openErasures(erasuresPerRun)) {
    const sub = subjectOf(erasure)
    if (sub === null || deps.context.storeClock.now() - erasure.at < leftAloneMs) continue
    const act = { actor: actorIn(erasure.by), ...noOrigin }
    const context = { ...deps.context, act: () => act }
    // One that fails must not delay the others.
    await complete({ ...deps, context }, sub, act).catch((error: Error) => failures.push(error))
  }
  if (failures[0]) throw failures[0]
}
