import type { NewCommit } from '../../shared/events/commit.ts'
import { AuthError } from '../../shared/kernel/errors.ts'
import type { SubjectId } from '../../shared/kernel/ids.ts'
import type { User, UserDirectory } from '../../shared/ports/user-directory.ts'
import { type NewRoles, setRoles } from './account-roles.ts'
import { deleteUser, setActive } from './accounts.ts'
import type { AccountParts } from './settle-due.ts'

type Parts = AccountParts & Readonly<{ adminRole: string }>
type Change = Readonly<{
  make: () => Promise<NewCommit | null>
  /** Makes the account an administrator again. */
  undo: () => Promise<NewCommit | null>
}>

const listPage = 500

const administrates =
  (role: string) =>
  ({ active, roles, due }: User): boolean =>
    active && roles.includes(role) && due?.what !== 'deleted'

/** Whether there is such an account. Cost: at worst every account is read, once. */
const hasAdministrator = async (
  directory: UserDirectory,
  isOne: (user: User) => boolean,
): Promise<boolean> => {
  for (let after: string | null = null; ; ) {
    const page: readonly User[] = await directory.list(after, listPage)
    if (page.some(isOne)) return true
    const last = page.at(-1)
    if (!last || page.length < listPage) return false
    after = last.username
  }
}

/**
 * Makes a change that may take an administrator away, unless nobody would be left. Two who take
 * each other's role at once both look again after their change, and give it back when nobody is
 * left: at least one is refused, its account's sessions have ended then. A process that dies
 * between change and look may leave none; the command line makes one.
 * @throws AuthError ADMINISTRATOR_LAST.
 */
const keepingOne = async (
  { directory, adminRole }: Parts,
  sub: SubjectId,
  { make, undo }: Change,
): Promise<NewCommit | null> => {
  const isOne = administrates(adminRole)
  const refuse = (): never => {
    throw new AuthError('ADMINISTRATOR_LAST', 'Nobody else is an active administrator.')
  }
  const user = await directory.bySub(sub)
  if (!user || !isOne(user)) return make()
  if (!(await hasAdministrator(directory, (one) => isOne(one) && one.sub !== sub))) return refuse()
  const commit = await make()
  if (await hasAdministrator(directory, isOne)) return commit
  await undo()
  return refuse()
}

/** As `setRoles`, and as `keepingOne` where the role of administrators goes. */
export const setRolesKeepingOne = async (
  parts: Parts,
  sub: SubjectId,
  become: NewRoles,
): Promise<NewCommit | null> => {
  const user = await parts.directory.bySub(sub)
  const stays = user !== null && become(user.roles).includes(parts.adminRole)
  if (stays) return setRoles(parts, sub, become)
  return keepingOne(parts, sub, {
    make: () => setRoles(parts, sub, become),
    undo: () => setRoles(parts, sub, (roles) => [...roles, parts.adminRole]),
  })
}

/** As `setActive`, and as `keepingOne`. */
export const disableKeepingOne = (parts: Parts, sub: SubjectId): Promise<NewCommit | null> =>
  keepingOne(parts, sub, {
    make: () => setActive(parts, sub, false),
    undo: () => setActive(parts, sub, true),
  })

/**
 * As `deleteUser`, and as `keepingOne`. An administrator is disabled first, since a deletion could
 * not be given back.
 */
export const deleteKeepingOne = async (
  parts: Parts,
  sub: SubjectId,
): Promise<readonly NewCommit[]> => {
  const user = await parts.directory.bySub(sub)
  const isOne = user !== null && administrates(parts.adminRole)(user)
  const disabled = isOne ? await disableKeepingOne(parts, sub) : null
  return [...(disabled ? [disabled] : []), await deleteUser(parts, sub)]
}
