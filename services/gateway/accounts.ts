import type { NewCommit } from '../../shared/events/commit.ts'
import { newClaim, newSubjectId } from '../../shared/kernel/entropy.ts'
import { AuthError } from '../../shared/kernel/errors.ts'
import { type SubjectId, subjectStream } from '../../shared/kernel/ids.ts'
import type { Due, User, UserChange } from '../../shared/ports/user-directory.ts'
import type { GatewayParts } from './parts.ts'
import { passwordBytesMax } from './password.ts'
import { type Delivery, deliver } from './revocation.ts'
import { type AccountParts, settle, settleDue } from './settle-due.ts'

const passwordLengthMin = 8
const usernameMax = 150

const checkPassword = (password: string): void => {
  if ([...password].length < passwordLengthMin) {
    throw new AuthError(
      'INPUT_INVALID',
      `the password is shorter than ${passwordLengthMin} characters`,
    )
  }
  if (Buffer.byteLength(password) > passwordBytesMax) {
    throw new AuthError('INPUT_INVALID', `the password is longer than ${passwordBytesMax} bytes`)
  }
}

const checkName = (username: string): void => {
  const isPlain = /^[^\s\p{C}](?:[^\p{C}]*[^\s\p{C}])?$/u.test(username)
  if (!isPlain || username.length > usernameMax) {
    const rule = `1 to ${usernameMax} characters, none of them control, no space at the ends`
    throw new AuthError('INPUT_INVALID', `a user name is ${rule}`)
  }
}

export type NewAccount = Readonly<{ username: string; password: string; roles: readonly string[] }>
/** An account from elsewhere: its hash is known, its password is not. */
export type ImportedAccount = Readonly<{
  username: string
  passwordHash: string
  roles: readonly string[]
  active: boolean
  /** What services know it by. */
  id: string
}>

/** @throws AuthError USER_EXISTS, INPUT_INVALID, STORE_UNAVAILABLE. */
export const createUser = async (
  parts: AccountParts & Pick<GatewayParts, 'passwords'>,
  { username, password, roles }: NewAccount,
): Promise<User> => {
  checkName(username)
  checkPassword(password)
  const sub = newSubjectId(parts.entropy)
  const passwordHash = await parts.passwords.hash(password)
  return addUser(parts, { sub, id: sub, username, passwordHash, roles, active: true })
}

/**
 * As `createUser`, with a hash that `matchesHash` knows; the password policy cannot be asked of it.
 */
export const importUser = (parts: AccountParts, account: ImportedAccount): Promise<User> => {
  checkName(account.username)
  return addUser(parts, { sub: newSubjectId(parts.entropy), ...account })
}

const checkRoles = (roles: readonly string[]): void => {
  const areShort = roles.every((role) => /^[A-Za-z0-9._:-]{1,64}$/.test(role))
  if (!areShort || roles.length > 32) {
    throw new AuthError('INPUT_INVALID', 'at most 32 roles, each 1 to 64 of A-Z a-z 0-9 . _ : -')
  }
}

const addUser = async (
  parts: AccountParts,
  account: ImportedAccount & Readonly<{ sub: SubjectId }>,
): Promise<User> => {
  checkRoles(account.roles)
  const user: User = {
    ...account,
    createdAt: parts.storeClock.now(),
    due: { claim: newClaim(parts.entropy), what: 'created', above: -1 },
    knownAddresses: [],
  }
  if (!(await isCreated(parts, user))) {
    throw new AuthError('USER_EXISTS', `there is a user ${JSON.stringify(account.username)}`)
  }
  await settleDue(parts, user)
  return user
}

/** A name whose user is half deleted is free as soon as that is completed. */
const isCreated = async (parts: AccountParts, user: User): Promise<boolean> => {
  if ((await parts.directory.create(user)) === 'created') return true
  const other = await parts.directory.byName(user.username)
  if (other?.due?.what !== 'deleted') return false
  await settleDue(parts, other)
  return (await parts.directory.create(user)) === 'created'
}

/**
 * The new hash **and** what is due go into one write; then the cutoff; then the due is cleared. A
 * crash in between leaves work that whoever meets it completes, so an old password never outlives
 * its change (H7).
 */
const changeWithDue = async (
  parts: AccountParts,
  sub: SubjectId,
  what: Due['what'],
  change: UserChange,
): Promise<NewCommit> => {
  for (;;) {
    const [newest = null] = await parts.store.heads([subjectStream(sub)])
    const due = { claim: newClaim(parts.entropy), what, above: newest?.id.v ?? -1 }
    const answer = await parts.directory.change(sub, { ...change, due }, { unlessDue: true })
    if (answer === 'absent') throw new AuthError('USER_UNKNOWN', 'there is no such user')
    const user = await parts.directory.bySub(sub)
    if (answer === 'due') {
      const other = user?.due
      if (other) {
        const commit = await settle(parts, sub, other, user)
        // A deletion that crashed is completed by the one that is tried again, not unknown to it.
        if (other.what === 'deleted' && what === 'deleted') return commit
      }
      continue
    }
    return settle(parts, sub, due)
  }
}

export const setPassword = async (
  parts: AccountParts & Pick<GatewayParts, 'passwords'>,
  sub: SubjectId,
  password: string,
): Promise<NewCommit> => {
  checkPassword(password)
  const passwordHash = await parts.passwords.hash(password)
  return changeWithDue(parts, sub, 'password_changed', { passwordHash })
}

export const setActive = (
  parts: AccountParts,
  sub: SubjectId,
  active: boolean,
): Promise<NewCommit> => changeWithDue(parts, sub, active ? 'enabled' : 'disabled', { active })

/**
 * Ends every session of the user and removes the account. It is inactive from the first write on;
 * its cutoff stays in the store for ever, and nobody gets its `sub` again. The name becomes free.
 */
export const deleteUser = (parts: AccountParts, sub: SubjectId): Promise<NewCommit> =>
  changeWithDue(parts, sub, 'deleted', { active: false })

/** As `setPassword`, and waits for the log as a logout does. */
export const changePassword = async (
  parts: GatewayParts,
  sub: SubjectId,
  password: string,
): Promise<Delivery> => deliver(parts, await setPassword(parts, sub, password))
