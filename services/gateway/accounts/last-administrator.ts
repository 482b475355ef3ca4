import type { NewCommit } from '../../../shared/events/commit.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { SubjectId } from '../../../shared/kernel/ids.ts'
import type { User, UserDirectory } from '../../../shared/ports/user-directory.ts'
import { deleteUser, setActive } from './accounts.ts'
import { everyUser } from './every-user.ts'
import type { Accounts } from './open-accounts.ts'
import type { AccountDeps } from './pending-cutoff.ts'
import { type NewRoles, setRoles } from './set-roles.ts'

type Parts = AccountDeps & Readonly<{ accounts: Pick<Accounts, 'adminRole'> }>
type Change<T> = Readonly<{
  make: () => Promise<T>
  /** Makes the account an administrator again. */
  undo: () => Promise<unknown>
}>

const administrates =
  (role: string) =>
  ({ active, roles, due }: User): boolean =>
    active && roles.includes(role) && due?.what !== 'deleted'

/** Whether there is such an account. Cost: at worst every account is read, once. */
const hasAdministrator = async (
  directory: UserDirectory,
  isOne: (user: User) => boolean,
): Promise<boolean> => {
  for await (const user of everyUser(directory)) if (isOne(user)) return true
  return false
}

/**
 * Makes a change that may take an administrator away, unless nobody would be left. Two who take
 * each other's role at once both look again after their change, and give it back when nobody is
 * left: at least one is refused, its account's sessions have ended then. A process that dies
 * between change and look may leave none; the command line makes one.
 * @throws AuthError ADMINISTRATOR_LAST.
 */
const keepingOne = async <T>(
  { accounts: { directory, adminRole } }: Parts,
  user: User | null,
  { make, undo }: Change<T>,
): Promise<T> => {
  const isOne = administrates(adminRole)
  const refuse = (): never => {
    throw new AuthError('ADMINISTRATOR_LAST', 'Nobody else is an active administrator.')
  }
  if (!user || !isOne(user)) return make()
  const isOther = (one: User): boolean => isOne(one) && one.sub !== user.sub
  if (!(await hasAdministrator(directory, isOther))) return refuse()
  const made = await make()
  if (await hasAdministrator(directory, isOne)) return made
  await undo()
  return refuse()
}

/** As `setRoles`, and as `keepingOne` where the role of administrators goes. */
export const setRolesKeepingOne = async (
  deps: Parts,
  sub: SubjectId,
  become: NewRoles,
): Promise<NewCommit | null> => {
  const user = await deps.accounts.directory.bySub(sub)
  const stays = user !== null && become(user.roles).includes(deps.accounts.adminRole)
  if (stays) return setRoles(deps, sub, become)
  return keepingOne(deps, user, {
    make: () => setRoles(deps, sub, become),
    undo: () => setRoles(deps, sub, (roles) => [...roles, deps.accounts.adminRole]),
  })
}

const disabling = (deps: Parts, sub: SubjectId): Change<NewCommit> => ({
  make: () => setActive(deps, sub, false),
  undo: () => setActive(deps, sub, true),
})

/** As `setActive`, and as `keepingOne`. */
export const disableKeepingOne = async (deps: Parts, sub: SubjectId): Promise<NewCommit> =>
  keepingOne(deps, await deps.accounts.directory.bySub(sub), disabling(deps, sub))

/**
 * As `deleteUser`, and as `keepingOne`. An administrator is disabled first, since a deletion could
 * not be given back.
 */
export const deleteKeepingOne = async (
  deps: Parts,
  sub: SubjectId,
): Promise<readonly NewCommit[]> => {
  const user = await deps.accounts.directory.bySub(sub)
  if (!user || !administrates(deps.accounts.adminRole)(user)) return [await deleteUser(deps, sub)]
  const disabled = await keepingOne(deps, user, disabling(deps, sub))
  return [disabled, await deleteUser(deps, sub)]
}
