import type { NewCommit } from '../../../shared/events/commit.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { SubjectId } from '../../../shared/kernel/ids.ts'
import { retryOnConflict } from '../publication/index.ts'
import { checkRoles } from './account-rules.ts'
import { changeAccountIf } from './change-account.ts'
import { type AccountDeps, completePendingCutoff } from './pending-cutoff.ts'

/** Says which roles the user gets, given those that they have. */
export type RolesChange = (roles: readonly string[]) => readonly string[]

const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((role) => b.includes(role))

/**
 * Changes the roles of a user. Roles are in the tokens, so taking one away ends every session of
 * the user; otherwise services would accept it for the rest of a token's life. A new role comes
 * with the next login. `null` when nothing changes.
 * @throws AuthError USER_UNKNOWN, INPUT_INVALID, STORE_UNAVAILABLE, STORE_CONTENDED.
 */
export const setRoles = (
  deps: AccountDeps,
  sub: SubjectId,
  newRoles: RolesChange,
): Promise<NewCommit | null> =>
  retryOnConflict(async () => {
    const user = await deps.accounts.directory.bySub(sub)
    if (!user) throw new AuthError('USER_UNKNOWN', 'there is no such user')
    if (user.due) {
      await completePendingCutoff(deps, user)
      return 'again'
    }
    const roles = [...new Set(newRoles(user.roles))]
    checkRoles(roles)
    if (isSame(user.roles, roles)) return null
    const isNarrower = user.roles.some((role) => !roles.includes(role))
    const what = isNarrower ? 'roles_narrowed' : 'roles_widened'
    // If another change came in between, these are no longer the roles to compare with.
    const onlyIf = { ifRoles: user.roles }
    const commit = await changeAccountIf(deps, sub, { what, change: { roles }, onlyIf })
    return commit === 'stale' ? 'again' : commit
  })
