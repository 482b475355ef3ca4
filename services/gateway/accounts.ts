import type { NewCommit } from '../../shared/events/commit.ts'
import { type AuthEvent, event, noOrigin } from '../../shared/events/event.ts'
import { newClaim, newSubjectId } from '../../shared/kernel/entropy.ts'
import { AuthError } from '../../shared/kernel/errors.ts'
import { type SubjectId, subjectStream } from '../../shared/kernel/ids.ts'
import type { Due, User, UserChange } from '../../shared/ports/user-directory.ts'
import { remark } from '../../shared/session/cut-off.ts'
import { contend, isOwn, type Move } from './append.ts'
import { appendCutOff, type Shared } from './cut-off.ts'
import type { GatewayParts } from './parts.ts'
import { passwordBytesMax } from './password.ts'
import { type Delivery, deliver } from './revocation.ts'

/** What changing accounts needs; the command line has no publisher, the relay publishes for it. */
export type AccountParts = Pick<
  GatewayParts,
  'store' | 'directory' | 'storeClock' | 'clock' | 'entropy' | 'deadlineMs' | 'policy'
>

const passwordLengthMin = 8
const usernameMax = 150
const scanPage = 256

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
  if ((await parts.directory.create(user)) === 'exists') {
    throw new AuthError('USER_EXISTS', `there is a user ${JSON.stringify(account.username)}`)
  }
  await settleDue(parts, user)
  return user
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
      if (user?.due) await settleDue(parts, user)
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

/** As `setPassword`, and waits for the log as a logout does. */
export const changePassword = async (
  parts: GatewayParts,
  sub: SubjectId,
  password: string,
): Promise<Delivery> => deliver(parts, await setPassword(parts, sub, password))

/**
 * Completes what a change of the directory still owes. Whoever meets it calls this; twice does no
 * harm.
 */
export const settleDue = async (parts: AccountParts, user: User): Promise<void> => {
  if (user.due) await settle(parts, user.sub, user.due, user)
}

const settle = async (
  parts: AccountParts,
  sub: SubjectId,
  due: Due,
  user?: User,
): Promise<NewCommit> => {
  const commit = await append(parts, sub, due, user)
  await parts.directory.settle(sub, due.claim)
  return commit
}

const settledBy = async (
  { store }: AccountParts,
  sub: SubjectId,
  { claim, above }: Due,
): Promise<NewCommit | null> => {
  for (let from = above + 1; ; from += scanPage) {
    const page = await store.read(subjectStream(sub), from, scanPage)
    const done = page.find((one) => one.claim === claim)
    if (done || page.length < scanPage) return done ?? null
  }
}

const append = async (
  parts: AccountParts,
  sub: SubjectId,
  due: Due,
  user?: User,
): Promise<NewCommit> => {
  const { claim, what } = due
  // Asked at every look: whoever else met the same due may have appended, and others after it (I7).
  const shared = { claim, made: () => settledBy(parts, sub, due) }
  const target = { scope: 'subject', sub } as const
  switch (what) {
    case 'created': {
      const { username = '', roles = [] } = user ?? (await parts.directory.bySub(sub)) ?? {}
      return appendRemark(
        parts,
        sub,
        shared,
        event('UserCreated', { sub, username, roles: [...roles] }),
      )
    }
    case 'enabled':
      return appendRemark(parts, sub, shared, event('UserEnabled', { sub }))
    case 'disabled': {
      const alongside = [event('UserDisabled', { sub })]
      return appendCutOff(
        parts,
        { target, reason: 'user_disabled', origin: noOrigin, alongside },
        shared,
      )
    }
    case 'password_changed': {
      const alongside = [event('PasswordChanged', { sub })]
      return appendCutOff(
        parts,
        { target, reason: 'password_changed', origin: noOrigin, alongside },
        shared,
      )
    }
  }
}

const appendRemark = (
  parts: AccountParts,
  sub: SubjectId,
  { claim, made }: Shared,
  told: AuthEvent,
): Promise<NewCommit> => {
  const { store, storeClock } = parts
  const stream = subjectStream(sub)
  return contend(parts, async (): Promise<Move<NewCommit>> => {
    const [newest = null] = await store.heads([stream])
    const done = isOwn(newest, claim) ? newest : await made()
    if (done) return { result: done }
    const whole = remark(stream, newest, { events: [told], now: storeClock.now(), claim })
    return { insert: whole, won: (commit) => commit }
  })
}
