import type { NewCommit } from '../../../shared/events/commit.ts'
import { newClaim, newSubjectId } from '../../../shared/kernel/entropy.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EpochMs, SubjectId } from '../../../shared/kernel/ids.ts'
import type { User } from '../../../shared/ports/user-directory.ts'
import { type Delivery, type DeliveryDeps, deliver } from '../revocations/index.ts'
import { addressIn, checkEmail, checkName, checkRoles, emailKey } from './account-rules.ts'
import { changeAccount } from './change-account.ts'
import type { Accounts } from './open-accounts.ts'
import { checkPassword } from './password-rules.ts'
import { type AccountDeps, completePendingCutoff } from './pending-cutoff.ts'
import { storedName, userNamed } from './user-names.ts'

export type NewAccount = Readonly<{
  username: string
  /** Opens the account as the name does. */
  email?: string
  password: string
  roles: readonly string[]
  /** Until when the password opens the account; without end, unless it was made for the user. */
  passwordUntil?: EpochMs
}>
/** An account from elsewhere: its hash is known, its password is not. */
export type ImportedAccount = Readonly<{
  username: string
  email?: string
  passwordHash: string
  roles: readonly string[]
  active: boolean
  /** What services know it by. */
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
 * As `createUser`, with a hash that `matchesHash` knows; the password policy cannot be asked of it.
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
  const user: User = {
    ...account,
    username: name,
    ...(address === undefined ? {} : { email: address }),
    createdAt: deps.context.storeClock.now(),
    due: {
      claim: newClaim(deps.context.entropy),
      what: 'created',
      above: -1,
      by: deps.context.act(),
    },
    knownAddresses: [],
  }
  const { username, email } = user
  // Whose name is another one's address would get logins that were meant for that one.
  const asked = await deps.accounts.directory.byEmail(emailKey(username))
  if (asked && asked.due?.what !== 'deleted') throw exists(username)
  if (
    email !== undefined &&
    email !== username &&
    (await userNamed(deps.accounts.directory, email))
  ) {
    throw exists(email)
  }
  if (!(await isCreated(deps, user))) throw exists(username)
  await completePendingCutoff(deps, user)
  return user
}

const exists = (name: string): AuthError =>
  new AuthError('USER_EXISTS', `there is a user ${JSON.stringify(name)}`)

/** A name whose user is half deleted is free as soon as that is completed. */
const isCreated = async (deps: AccountDeps, user: User): Promise<boolean> => {
  const { username, email } = user
  // From before names were stored in one spelling, somebody may have it in another.
  const there = await userNamed(deps.accounts.directory, username)
  if (!there && (await deps.accounts.directory.create(user)) === 'created') return true
  const named = there ?? (await userNamed(deps.accounts.directory, username))
  const other = named ?? (email === undefined ? null : await deps.accounts.directory.byEmail(email))
  if (other?.due?.what !== 'deleted') return false
  await completePendingCutoff(deps, other)
  return (await deps.accounts.directory.create(user)) === 'created'
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
 * Ends every session of the user and removes the account. It is inactive from the first write on;
 * its cutoff stays in the store for ever, and nobody gets its `sub` again. The name becomes free.
 */
export const deleteUser = (deps: AccountDeps, sub: SubjectId): Promise<NewCommit> =>
  changeAccount(deps, sub, { what: 'deleted', change: { active: false } })

/** As `setPassword`, and waits for the log as a logout does. */
export const changePassword = async (
  deps: AccountDeps & DeliveryDeps & Readonly<{ accounts: Pick<Accounts, 'passwords'> }>,
  sub: SubjectId,
  password: string,
): Promise<Delivery> => deliver(deps, await setPassword(deps, sub, password))
