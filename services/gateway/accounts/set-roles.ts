import type { NewCommit } from '../../../shared/events/commit.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { SubjectId } from '../../../shared/kernel/ids.ts'
import { retryOnConflict } from '../publication/index.ts'
import { checkRoles } from './account-rules.ts'
import { changeAccountIf } from './change-account.ts'
import { type AccountDeps, completePendingCutoff } from './pending-cutoff.ts'

/** What the roles become, from what they are. */
export type NewRoles = (roles: readonly string[]) => readonly string[]

const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((role) => b.includes(role))

/**
 * Roles travel in tokens. One that is taken away ends every session of the user, or services would
 * go on believing it for a token's life; one that is given comes with the next login. `null` when
 * nothing changes.
 * @throws AuthError USER_UNKNOWN, INPUT_INVALID, STORE_UNAVAILABLE, STORE_CONTENDED.
 */
export const setRoles = (
  deps: AccountDeps,
  sub: SubjectId,
  become: NewRoles,
): Promise<NewCommit | null> =>
  retryOnConflict(async () => {
    const user = await deps.accounts.directory.bySub(sub)
    if (!user) throw new AuthError('USER_UNKNOWN', 'there is no such user')
    if (user.due) {
      await completePendingCutoff(deps, user)
      return 'again'
    }
    const roles = [...new Set(become(user.roles))]
    checkRoles(roles)
    if (isSame(user.roles, roles)) return null
    const isNarrower = user.roles.some((role) => !roles.includes(role))
    const what = isNarrower ? 'roles_narrowed' : 'roles_widened'
    // Another change may have come in between: then these are not the roles to compare with.
    const only = { ifRoles: user.roles }
    const commit = await changeAccountIf(deps, sub, { what, change: { roles }, only })
    return commit === 'stale' ? 'again' : commit
  })
