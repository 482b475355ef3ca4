import type { NewCommit } from '../../../shared/events/commit.ts'
import { newClaim } from '../../../shared/kernel/entropy.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { type SubjectId, subjectStream } from '../../../shared/kernel/ids.ts'
import type { ChangeOptions, Due, UserChange } from '../../../shared/ports/user-directory.ts'
import { actorOfChange, retryOnConflict } from '../publication/index.ts'
import { type AccountDeps, completeCutoff } from './pending-cutoff.ts'

export type AccountChange = Readonly<{
  what: Due['what']
  change: UserChange
  /** What the decision rested on; when it is otherwise by now, nothing is changed. */
  only?: Pick<ChangeOptions, 'ifPasswordHash' | 'ifRoles'>
}>

/**
 * Three steps: the directory gets the new value **and** a note of the cutoff that is due, in one
 * write; then the cutoff is appended; then the note is cleared. After a crash in between, the next
 * request that reads the note appends the cutoff, so that no session by the old password lives on
 * (decision 0073: a password written after the cutoff). `stale` when `only` did not hold.
 * @throws AuthError USER_UNKNOWN, STORE_UNAVAILABLE, STORE_CONTENDED.
 */
export const changeAccountIf = (
  deps: AccountDeps,
  sub: SubjectId,
  { what, change, only = {} }: AccountChange,
): Promise<NewCommit | 'stale'> =>
  retryOnConflict(async () => {
    const [newest = null] = await deps.context.store.heads([subjectStream(sub)])
    const by = actorOfChange(deps, sub)
    const due = { claim: newClaim(deps.context.entropy), what, above: newest?.id.v ?? -1, by }
    const options = { ...only, unlessDue: true }
    const answer = await deps.accounts.directory.change(sub, { ...change, due }, options)
    if (answer === 'absent') throw new AuthError('USER_UNKNOWN', 'there is no such user')
    if (answer === 'stale') return answer
    if (answer === 'changed') return completeCutoff(deps, sub, due)
    const user = await deps.accounts.directory.bySub(sub)
    const other = user?.due
    if (!other) return 'again'
    const commit = await completeCutoff(deps, sub, other, user)
    // A deletion that crashed is completed by the one that is tried again, not unknown to it.
    return other.what === 'deleted' && what === 'deleted' ? commit : 'again'
  })

/** As `changeIf`, whatever the account looks like. */
export const changeAccount = async (
  deps: AccountDeps,
  sub: SubjectId,
  change: Omit<AccountChange, 'only'>,
): Promise<NewCommit> => {
  const commit = await changeAccountIf(deps, sub, change)
  if (commit === 'stale') throw new AuthError('INTERNAL', 'a change without a condition is stale')
  return commit
}
