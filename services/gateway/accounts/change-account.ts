import type { NewCommit } from '../../../shared/events/commit.ts'
import { newClaim } from '../../../shared/kernel/entropy.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { type SubjectId, subjectStream } from '../../../shared/kernel/ids.ts'
import type { ChangeOptions, Due, UserChange } from '../../../shared/ports/user-directory.ts'
import { actOn } from '../publication/actor-of-change.ts'
import { untilSettled } from '../publication/retry-on-conflict.ts'
import { type AccountParts, settle } from './pending-cutoff.ts'

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
export const changeIf = (
  parts: AccountParts,
  sub: SubjectId,
  { what, change, only = {} }: AccountChange,
): Promise<NewCommit | 'stale'> =>
  untilSettled(async () => {
    const [newest = null] = await parts.store.heads([subjectStream(sub)])
    const by = actOn(parts, sub)
    const due = { claim: newClaim(parts.entropy), what, above: newest?.id.v ?? -1, by }
    const options = { ...only, unlessDue: true }
    const answer = await parts.directory.change(sub, { ...change, due }, options)
    if (answer === 'absent') throw new AuthError('USER_UNKNOWN', 'there is no such user')
    if (answer === 'stale') return answer
    if (answer === 'changed') return settle(parts, sub, due)
    const user = await parts.directory.bySub(sub)
    const other = user?.due
    if (!other) return 'again'
    const commit = await settle(parts, sub, other, user)
    // A deletion that crashed is completed by the one that is tried again, not unknown to it.
    return other.what === 'deleted' && what === 'deleted' ? commit : 'again'
  })

/** As `changeIf`, whatever the account looks like. */
export const changeWithDue = async (
  parts: AccountParts,
  sub: SubjectId,
  change: Omit<AccountChange, 'only'>,
): Promise<NewCommit> => {
  const commit = await changeIf(parts, sub, change)
  if (commit === 'stale') throw new AuthError('INTERNAL', 'a change without a condition is stale')
  return commit
}
