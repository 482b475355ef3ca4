import { newClaim, newSubjectId } from '../../../shared/kernel/entropy.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { PendingCutoff, User } from '../../../shared/ports/user-directory.ts'
import { addressIn, checkEmail, checkName, checkRoles, emailKey } from './account-rules.ts'
import { storedName, userNamed } from './name-spellings.ts'
import type { Accounts } from './open-accounts.ts'
import { checkPassword } from './password-rules.ts'
import { type AccountDeps, completePendingCutoff, notedAs } from './pending-cutoff.ts'

export type NewAccount = Readonly<{
  username: string
  /** The user can log in with it in place of the name. */
  email?: string
  password: string
  roles: readonly string[]
  /** Until when the password is valid; without end, unless it was made for the user. */
  passwordUntil?: EpochMs
}>
/** An account from another system: its password hash is known, its password is not. */
export type ImportedAccount = Readonly<{
  username: string
  email?: string
  passwordHash: string
  roles: readonly string[]
  active: boolean
  /** The user id that services know. */
  id: string
}>

/** @throws AuthError USER_EXISTS, INPUT_INVALID, STORE_UNAVAILABLE. */
export const createUser = async (
  deps: AccountDeps & Readonly<{ accounts: Pick<Accounts, 'passwords'> }>,
  { username, email, password, roles, passwordUntil }: NewAccount,
): Promise<User> => {
  checkName(storedName(username))
  checkPassword(password, { username, words: deps.accounts.passwordWords })
  const sub = newSubjectId(deps.context.entropy)
  const passwordHash = await deps.accounts.passwords.hash(password)
  const given = {
    ...(email === undefined ? {} : { email }),
    ...(passwordUntil === undefined ? {} : { passwordUntil }),
  }
  return addUser(deps, { sub, id: sub, username, passwordHash, roles, active: true, ...given })
}

/**
 * As `createUser`, with a hash that `matchesHash` can check. The password is not known, so the
 * password rules are not applied.
 */
export const importUser = (deps: AccountDeps, account: ImportedAccount): Promise<User> => {
  checkName(storedName(account.username))
  return addUser(deps, { sub: newSubjectId(deps.context.entropy), ...account })
}

const addUser = async (
  deps: AccountDeps,
  account: ImportedAccount & Pick<User, 'sub' | 'passwordUntil'>,
): Promise<User> => {
  checkRoles(account.roles)
  if (account.email !== undefined) checkEmail(account.email)
  const name = storedName(account.username)
  const address = account.email === undefined ? addressIn(name) : emailKey(account.email)
  const due: PendingCutoff = {
    claim: newClaim(deps.context.entropy),
    what: 'created',
    above: -1,
    by: deps.context.act(),
  }
  const user: User = {
    ...account,
    username: name,
    ...(address === undefined ? {} : { email: address }),
    createdAt: deps.context.storeClock.now(),
    due: notedAs(deps, due),
    knownAddresses: [],
  }
  const { username, email } = user
  // A name that is another user's address would take over that user's logins.
  const byAddress = await deps.accounts.directory.byEmail(emailKey(username))
  if (byAddress && byAddress.due?.what !== 'deleted') throw nameTaken(username)
  if (
    email !== undefined &&
    email !== username &&
    (await userNamed(deps.accounts.directory, email))
  ) {
    throw nameTaken(email)
  }
  if (!(await isCreated(deps, user))) throw nameTaken(username)
  await completePendingCutoff(deps, { ...user, due })
  return user
}

const nameTaken = (name: string): AuthError =>
  new AuthError('USER_EXISTS', `there is a user ${JSON.stringify(name)}`)

/**
 * Writes the user; false if the name or address is taken. If its holder is being deleted, completes
 * that deletion first, and then the name is free.
 */
const isCreated = async (deps: AccountDeps, user: User): Promise<boolean> => {
  const { username, email } = user
  // An older version stored names as typed, so somebody may have the name in another normal form.
  const stored = await userNamed(deps.accounts.directory, username)
  if (!stored && (await deps.accounts.directory.create(user)) === 'created') return true
  const named = stored ?? (await userNamed(deps.accounts.directory, username))
  const holder =
    named ?? (email === undefined ? null : await deps.accounts.directory.byEmail(email))
  if (holder?.due?.what !== 'deleted') return false
  await completePendingCutoff(deps, holder)
  return (await deps.accounts.directory.create(user)) === 'created'
}
