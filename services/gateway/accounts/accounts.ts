import type { NewCommit } from '../../../shared/events/commit.ts'
import { newClaim, newSubjectId } from '../../../shared/kernel/entropy.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EpochMs, SubjectId } from '../../../shared/kernel/ids.ts'
import type { User } from '../../../shared/ports/user-directory.ts'
import type { GatewayParts } from '../parts.ts'
import { type Delivery, deliver } from '../revocations/delivery.ts'
import { addressIn, checkEmail, checkName, checkRoles, emailKey } from './account-rules.ts'
import { changeWithDue } from './change-account.ts'
import { checkPassword } from './password-rules.ts'
import { type AccountParts, settleDue } from './pending-cutoff.ts'
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
  parts: AccountParts & Pick<GatewayParts, 'passwords'>,
  { username, email, password, roles, passwordUntil }: NewAccount,
): Promise<User> => {
  checkName(storedName(username))
  checkPassword(password, { username, words: parts.passwordWords })
  const sub = newSubjectId(parts.entropy)
  const passwordHash = await parts.passwords.hash(password)
  const given = {
    ...(email === undefined ? {} : { email }),
    ...(passwordUntil === undefined ? {} : { passwordUntil }),
  }
  return addUser(parts, { sub, id: sub, username, passwordHash, roles, active: true, ...given })
}

/**
 * As `createUser`, with a hash that `matchesHash` knows; the password policy cannot be asked of it.
 */
export const importUser = (parts: AccountParts, account: ImportedAccount): Promise<User> => {
  checkName(storedName(account.username))
  return addUser(parts, { sub: newSubjectId(parts.entropy), ...account })
}

const addUser = async (
  parts: AccountParts,
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
    createdAt: parts.storeClock.now(),
    due: { claim: newClaim(parts.entropy), what: 'created', above: -1, by: parts.act() },
    knownAddresses: [],
  }
  const { username, email } = user
  // Whose name is another one's address would get logins that were meant for that one.
  const asked = await parts.directory.byEmail(emailKey(username))
  if (asked && asked.due?.what !== 'deleted') throw exists(username)
  if (email !== undefined && email !== username && (await userNamed(parts.directory, email))) {
    throw exists(email)
  }
  if (!(await isCreated(parts, user))) throw exists(username)
  await settleDue(parts, user)
  return user
}

const exists = (name: string): AuthError =>
  new AuthError('USER_EXISTS', `there is a user ${JSON.stringify(name)}`)

/** A name whose user is half deleted is free as soon as that is completed. */
const isCreated = async (parts: AccountParts, user: User): Promise<boolean> => {
  const { username, email } = user
  // From before names were stored in one spelling, somebody may have it in another.
  const there = await userNamed(parts.directory, username)
  if (!there && (await parts.directory.create(user)) === 'created') return true
  const named = there ?? (await userNamed(parts.directory, username))
  const other = named ?? (email === undefined ? null : await parts.directory.byEmail(email))
  if (other?.due?.what !== 'deleted') return false
  await settleDue(parts, other)
  return (await parts.directory.create(user)) === 'created'
}

export const setPassword = async (
  parts: AccountParts & Pick<GatewayParts, 'passwords'>,
  sub: SubjectId,
  password: string,
): Promise<NewCommit> => {
  const { username = '' } = (await parts.directory.bySub(sub)) ?? {}
  checkPassword(password, { username, words: parts.passwordWords })
  const passwordHash = await parts.passwords.hash(password)
  const change = { passwordHash, passwordUntil: null }
  return changeWithDue(parts, sub, { what: 'password_changed', change })
}

export const setActive = (
  parts: AccountParts,
  sub: SubjectId,
  active: boolean,
): Promise<NewCommit> =>
  changeWithDue(parts, sub, { what: active ? 'enabled' : 'disabled', change: { active } })

/**
 * Ends every session of the user and removes the account. It is inactive from the first write on;
 * its cutoff stays in the store for ever, and nobody gets its `sub` again. The name becomes free.
 */
export const deleteUser = (parts: AccountParts, sub: SubjectId): Promise<NewCommit> =>
  changeWithDue(parts, sub, { what: 'deleted', change: { active: false } })

/** As `setPassword`, and waits for the log as a logout does. */
export const changePassword = async (
  parts: GatewayParts,
  sub: SubjectId,
  password: string,
): Promise<Delivery> => deliver(parts, await setPassword(parts, sub, password))
