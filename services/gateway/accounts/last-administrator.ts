import type { NewCommit } from '../../../shared/events/commit.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { SubjectId } from '../../../shared/kernel/ids.ts'
import type { User, UserDirectory } from '../../../shared/ports/user-directory.ts'
import { deleteUser, setActive } from './change-account.ts'
import { everyUser } from './every-user.ts'
import type { Accounts } from './open-accounts.ts'
import type { AccountDeps } from './pending-cutoff.ts'
import { type RolesChange, setRoles } from './set-roles.ts'

type LastAdministratorDeps = AccountDeps & Readonly<{ accounts: Pick<Accounts, 'adminRole'> }>
type Change<T> = Readonly<{
  make: () => Promise<T>
  /** Makes the account an administrator again. */
  undo: () => Promise<unknown>
}>

const isActiveAdministrator =
  (role: string) =>
  ({ active, roles, due }: User): boolean =>
    active && roles.includes(role) && due?.what !== 'deleted'

/** Whether there is an account that `matches`. Cost: at worst every account is read once. */
const hasAdministrator = async (
  directory: UserDirectory,
  matches: (user: User) => boolean,
): Promise<boolean> => {
  for await (const user of everyUser(directory)) if (matches(user)) return true
  return false
}

/**
 * Makes a change that may take an administrator away, unless no administrator would be left. After
 * the change it looks again, and undoes the change when nobody is left. So when two administrators
 * take each other's role at once, at least one is refused; the sessions of that account have ended
 * by then. If the process ends between the change and the second look, no administrator may be
 * left; the command line can make one.
 * @throws AuthError ADMINISTRATOR_LAST.
 */
const keepingAnAdministrator = async <T>(
  { accounts: { directory, adminRole } }: LastAdministratorDeps,
  user: User | null,
  { make, undo }: Change<T>,
): Promise<T> => {
  const isAdministrator = isActiveAdministrator(adminRole)
  const refuse = (): never => {
    throw new AuthError('ADMINISTRATOR_LAST', 'Nobody else is an active administrator.')
  }
  if (!user || !isAdministrator(user)) return make()
  const isOtherAdministrator = (other: User): boolean =>
    isAdministrator(other) && other.sub !== user.sub
  if (!(await hasAdministrator(directory, isOtherAdministrator))) return refuse()
  const made = await make()
  if (await hasAdministrator(directory, isAdministrator)) return made
  await undo()
  return refuse()
}

/** As `setRoles`; refused where it would take the role from the last administrator. */
export const setRolesKeepingAnAdministrator = async (
  deps: LastAdministratorDeps,
  sub: SubjectId,
  newRoles: RolesChange,
): Promise<NewCommit | null> => {
  const user = await deps.accounts.directory.bySub(sub)
  const staysAdministrator = user !== null && newRoles(user.roles).includes(deps.accounts.adminRole)
  if (staysAdministrator) return setRoles(deps, sub, newRoles)
  return keepingAnAdministrator(deps, user, {
    make: () => setRoles(deps, sub, newRoles),
    undo: () => setRoles(deps, sub, (roles) => [...roles, deps.accounts.adminRole]),
  })
}

const disabling = (deps: LastAdministratorDeps, sub: SubjectId): Change<NewCommit> => ({
  make: () => setActive(deps, sub, false),
  undo: () => setActive(deps, sub, true),
})

/** Disables the account; refused for the last administrator. */
export const disableKeepingAnAdministrator = async (
  deps: LastAdministratorDeps,
  sub: SubjectId,
): Promise<NewCommit> =>
  keepingAnAdministrator(deps, await deps.accounts.directory.bySub(sub), disabling(deps, sub))

/**
 * As `deleteUser`; refused for the last administrator. An administrator is disabled first, since a
 * deletion could not be undone.
 */
export const deleteKeepingAnAdministrator = async (
  deps: LastAdministratorDeps,
  sub: SubjectId,
): Promise<readonly NewCommit[]> => {
  const user = await deps.accounts.directory.bySub(sub)
  if (!user || !isActiveAdministrator(deps.accounts.adminRole)(user))
    return [await deleteUser(deps, sub)]
  const disabled = await keepingAnAdministrator(deps, user, disabling(deps, sub))
  return [disabled, await deleteUser(deps, sub)]
}
