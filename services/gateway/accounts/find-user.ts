import { AuthError } from '../../../shared/kernel/errors.ts'
import { type SubjectId, subjectId, subjectStream } from '../../../shared/kernel/ids.ts'
import type { SessionList } from '../../../shared/ports/session-list.ts'
import type { User, UserDirectory } from '../../../shared/ports/user-directory.ts'
import type { ReadContext } from '../publication/index.ts'
import { hasUnexpiredSession } from '../revocations/index.ts'
import { emailKey } from './account-rules.ts'
import { spellings, userNamed } from './name-spellings.ts'
import type { Accounts } from './open-accounts.ts'

/** What a user was found by: their id, their name, or the address with which they log in. */
export type FoundBy = 'id' | 'name' | 'email'
export type FoundSubject = Readonly<{ sub: SubjectId; foundBy: FoundBy }>

/** What looking for a subject uses, whichever directory has the users. */
export type SubjectDeps = Readonly<{
  context: ReadContext
  accounts: Pick<Accounts, 'directory' | 'ownUsers'>
  sessions: Readonly<{ list: SessionList }>
}>

/** A name has up to 254 characters, each of up to two units. */
const lengthMax = 508

export const isSubjectId = (text: string): boolean => /^[\x21-\x7e]{1,255}$/.test(text)
/**
 * Whether `text` has the form of a user's id or name. Names that are older than the rules for names
 * may hold invisible characters.
 */
export const couldNameUser = (text: string): boolean =>
  text.length <= lengthMax && /^(?!\s)[^\p{Cc}\p{Cs}]+(?<!\s)$/u.test(text)

export const unknownUser = (text: string): AuthError =>
  new AuthError('USER_UNKNOWN', `There is no user of the id or name ${JSON.stringify(text)}.`)

const firstOf = async <T>(
  names: readonly string[],
  find: (name: string) => Promise<T | null>,
): Promise<T | null> => {
  for (const name of names) {
    const found = await find(name)
    if (found !== null) return found
  }
  return null
}

type FoundUser = Readonly<{ user: User; foundBy: FoundBy }>

/** A user of the built-in directory by name, else by e-mail address. */
const byNameOrEmail = async (directory: UserDirectory, text: string): Promise<FoundUser | null> => {
  const subjectByName = await userNamed(directory, text)
  if (subjectByName) return { user: subjectByName, foundBy: 'name' }
  const withAddress = text.includes('@') ? await directory.byEmail(emailKey(text)) : null
  return withAddress && { user: withAddress, foundBy: 'email' }
}

/** A user of the built-in directory by id, else by name, else by e-mail address. */
export const findUser = async (
  directory: UserDirectory,
  text: string,
): Promise<FoundUser | null> => {
  if (!couldNameUser(text)) return null
  const byId = isSubjectId(text) ? await directory.bySub(subjectId(text)) : null
  if (byId) return { user: byId, foundBy: 'id' }
  return byNameOrEmail(directory, text)
}

/**
 * Whether the subject has a cutoff, a built-in account or a listed session. Their tokens may be
 * alive also when the account has been deleted.
 */
const isInStoreOrList = async (
  { context: { store }, accounts: { directory }, sessions: { list: sessions } }: SubjectDeps,
  sub: SubjectId,
): Promise<boolean> => {
  const [head] = await store.heads([subjectStream(sub)])
  if (head) return true
  return (await directory.bySub(sub)) !== null || (await sessions.page(sub, null, 1)).length > 0
}

const named = async (
  { accounts: { directory, ownUsers } }: SubjectDeps,
  text: string,
): Promise<FoundSubject | null> => {
  if (!ownUsers) {
    const found = await byNameOrEmail(directory, text)
    return found && { sub: found.user.sub, foundBy: found.foundBy }
  }
  const sub = await firstOf(spellings(text), (name) => ownUsers.credentials.subjectOf(name))
  return sub && { sub, foundBy: 'name' }
}

/** Whether a team's own directory has the subject; asked only if the store does not know it. */
const isInOwnDirectory = async (
  { accounts: { ownUsers } }: SubjectDeps,
  sub: SubjectId,
): Promise<boolean> =>
  ownUsers !== null && (await ownUsers.credentials.bySub(sub)).state !== 'absent'

/** Whether the store, the session list or the directory in use knows the subject. */
const isKnownId = async (deps: SubjectDeps, sub: SubjectId): Promise<boolean> =>
  (await isInStoreOrList(deps, sub)) || (await isInOwnDirectory(deps, sub))

/**
 * Whether the store has a living session of the subject. The session list follows the log, so the
 * newest session may be in the store alone. This reads through the sessions, so it comes last.
 */
const hasUnlistedSession = (deps: SubjectDeps, sub: SubjectId): Promise<boolean> =>
  hasUnexpiredSession(deps, { scope: 'subject', sub })

/** The subject with the id `text`; `null` if nobody ever had it. @throws as `findSubject`. */
export const knownSubject = async (deps: SubjectDeps, text: string): Promise<SubjectId | null> => {
  if (!isSubjectId(text)) return null
  const sub = subjectId(text)
  return (await isKnownId(deps, sub)) || (await hasUnlistedSession(deps, sub)) ? sub : null
}

/**
 * The subject that `text` names by id or by name; an id comes before an equal name. A subject that
 * the store knows is found also when the directory does not have it, or does not answer.
 * @throws AuthError USER_UNKNOWN, DIRECTORY_UNAVAILABLE, STORE_UNAVAILABLE.
 */
export const findSubject = async (deps: SubjectDeps, text: string): Promise<FoundSubject> => {
  if (!couldNameUser(text)) throw unknownUser(text)
  const sub = isSubjectId(text) ? subjectId(text) : null
  if (sub !== null && (await isKnownId(deps, sub))) return { sub, foundBy: 'id' }
  const byName = await named(deps, text)
  if (byName !== null) return byName
  if (sub !== null && (await hasUnlistedSession(deps, sub))) return { sub, foundBy: 'id' }
  throw unknownUser(text)
}
