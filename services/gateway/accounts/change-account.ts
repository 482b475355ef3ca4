import type { NewCommit } from '../../../shared/events/commit.ts'
import { newClaim } from '../../../shared/kernel/entropy.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { type SubjectId, subjectStream } from '../../../shared/kernel/ids.ts'
import type {
  ChangeOptions,
  PendingCutoff,
  UserChange,
} from '../../../shared/ports/user-directory.ts'
import { actorOfChange, retryOnConflict } from '../publication/index.ts'
import {
  combinedDelivery,
  type Delivery,
  type DeliveryDeps,
  deliver,
} from '../revocations/index.ts'
import type { Accounts } from './open-accounts.ts'
import { checkPassword } from './password-rules.ts'
import { type AccountDeps, completeCutoff, notedAs } from './pending-cutoff.ts'

type AccountChange = Readonly<{
  what: PendingCutoff['what']
  change: UserChange
  /** What the caller has read; if the account has changed since, the change is not made. */
  onlyIf?: Pick<ChangeOptions, 'ifPasswordHash' | 'ifRoles'>
}>

/**
 * Changes an account in three steps. First, one write to the directory sets the new value **and**
 * notes the pending cutoff. Then the cutoff is appended. Then the note is removed. If the process
 * ends in between, the next request that reads the note appends the cutoff, so that no session
 * lives on with the old password (decision 0073: a password written after the cutoff). If another
 * change has left a pending cutoff, that one is appended first. `stale` when `onlyIf` did not hold.
 * @throws AuthError USER_UNKNOWN, STORE_UNAVAILABLE, STORE_CONTENDED.
 */
export const changeAccountIf = (
  deps: AccountDeps,
  sub: SubjectId,
  { what, change, onlyIf = {} }: AccountChange,
): Promise<NewCommit | 'stale'> =>
  retryOnConflict(async () => {
    const [newest = null] = await deps.context.store.heads([subjectStream(sub)])
    const act = actorOfChange(deps, sub)
    const due = { claim: newClaim(deps.context.entropy), what, above: newest?.id.v ?? -1, by: act }
    const options = { ...onlyIf, unlessDue: true }
    const noted = notedAs(deps, due)
    const answer = await deps.accounts.directory.change(sub, { ...change, due: noted }, options)
    if (answer === 'absent') throw new AuthError('USER_UNKNOWN', 'there is no such user')
    if (answer === 'stale') return answer
    if (answer === 'changed') return completeCutoff(deps, sub, due)
    const user = await deps.accounts.directory.bySub(sub)
    const pending = user?.due
    if (!pending) return 'again'
    const commit = await completeCutoff(deps, sub, pending, user)
    // Repeating a deletion that was interrupted completes it, and is answered with its commit.
    return pending.what === 'deleted' && what === 'deleted' ? commit : 'again'
  })

/** As `changeAccountIf`, without a condition. */
const changeAccount = async (
  deps: AccountDeps,
  sub: SubjectId,
  change: Omit<AccountChange, 'onlyIf'>,
): Promise<NewCommit> => {
  const commit = await changeAccountIf(deps, sub, change)
  if (commit === 'stale') throw new AuthError('INTERNAL', 'a change without a condition is stale')
  return commit
}

export const setPassword = async (
  deps: AccountDeps & Readonly<{ accounts: Pick<Accounts, 'passwords'> }>,
  sub: SubjectId,
  password: string,
): Promise<NewCommit> => {
  const { username = '' } = (await deps.accounts.directory.bySub(sub)) ?? {}
  checkPassword(password, { username, words: deps.accounts.passwordWords })
  const passwordHash = await deps.accounts.passwords.hash(password)
  const change = { passwordHash, passwordUntil: null }
  return changeAccount(deps, sub, { what: 'password_changed', change })
}

export const setActive = (deps: AccountDeps, sub: SubjectId, active: boolean): Promise<NewCommit> =>
  changeAccount(deps, sub, { what: active ? 'enabled' : 'disabled', change: { active } })

/**
 * Ends every session of the user and removes the account. The account is inactive from the first
 * write on. The cutoff stays in the store for ever, and nobody gets the same `sub` again. The name
 * becomes free.
 */
export const deleteUser = (deps: AccountDeps, sub: SubjectId): Promise<NewCommit> =>
  changeAccount(deps, sub, { what: 'deleted', change: { active: false } })

/**
 * Publishes the commits of one change of an account, and waits until the log has those that revoke
 * something. Their combined delivery is pending if one of them is. `null` when the
 * change revoked nothing.
 */
export const deliverAccountChange = async (
  deps: DeliveryDeps,
  commits: readonly NewCommit[],
): Promise<Delivery | null> => {
  for (const commit of commits) if (commit.kind === 'o') deps.publisher.enqueue(commit)
  const ending = commits.filter(({ kind }) => kind === 'r')
  const deliveries = await Promise.all(ending.map((commit) => deliver(deps, commit)))
  return deliveries.length === 0 ? null : combinedDelivery(deliveries)
}
