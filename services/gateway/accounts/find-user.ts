import { AuthError } from '../../../shared/kernel/errors.ts'
import { type SubjectId, subjectId, subjectStream } from '../../../shared/kernel/ids.ts'
import type { SessionList } from '../../../shared/ports/session-list.ts'
import type { User, UserDirectory } from '../../../shared/ports/user-directory.ts'
import type { ReadContext } from '../publication/index.ts'
import { isAnyAlive } from '../revocations/index.ts'
import { emailKey } from './account-rules.ts'
import type { Accounts } from './open-accounts.ts'
import { spellings, userNamed } from './user-names.ts'

/** A user, and what they were found by: their id, name, or the address they log in by. */
export type FoundBy = 'id' | 'name' | 'email'
export type FoundSubject = Readonly<{ sub: SubjectId; by: FoundBy }>

/** What asking for a subject takes; whoever keeps the users. */
export type SubjectDeps = Readonly<{
  context: ReadContext
  accounts: Pick<Accounts, 'directory' | 'ownUsers'>
  sessions: Readonly<{ list: SessionList }>
}>

/** A name has up to 254 characters, each of up to two units. */
const lengthMax = 508

export const isSubjectId = (text: string): boolean => /^[\x21-\x7e]{1,255}$/.test(text)
/**
 * Whether `text` could be the id or the name of somebody at all. Names from before there were rules
 * may hold what shows nothing.
 */
export const mayNameUser = (text: string): boolean =>
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

type Found = Readonly<{ user: User; by: FoundBy }>

/** By name, else by the address that opens the account too. */
const byNameOrEmail = async (directory: UserDirectory, text: string): Promise<Found | null> => {
  const named = await userNamed(directory, text)
  if (named) return { user: named, by: 'name' }
  const mailed = text.includes('@') ? await directory.byEmail(emailKey(text)) : null
  return mailed && { user: mailed, by: 'email' }
}

/** A user of the built-in directory, by id, name or address; an id is nobody else's name. */
export const findUser = async (directory: UserDirectory, text: string): Promise<Found | null> => {
  if (!mayNameUser(text)) return null
  const byId = isSubjectId(text) ? await directory.bySub(subjectId(text)) : null
  if (byId) return { user: byId, by: 'id' }
  return byNameOrEmail(directory, text)
}

/**
 * Whoever ever had a cutoff, an account or a session is known for ever: their tokens may live,
 * also when the account is long gone.
 */
const isRemembered = async (
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
    return found && { sub: found.user.sub, by: found.by }
  }
  const sub = await firstOf(spellings(text), (name) => ownUsers.credentials.subjectOf(name))
  return sub && { sub, by: 'name' }
}

/** Of a team's own directory, which is asked only for whom the store has never seen. */
const isTheirs = async (
  { accounts: { ownUsers } }: SubjectDeps,
  sub: SubjectId,
): Promise<boolean> =>
  ownUsers !== null && (await ownUsers.credentials.bySub(sub)).state !== 'absent'

/** Whom the store has ever seen, or the directory that is in use has. */
const isKnownId = async (deps: SubjectDeps, sub: SubjectId): Promise<boolean> =>
  (await isRemembered(deps, sub)) || (await isTheirs(deps, sub))

/**
 * The list of sessions is behind the log: the newest of a user may be in the store alone. It costs
 * a walk, so it is asked last.
 */
const livesUnlisted = (deps: SubjectDeps, sub: SubjectId): Promise<boolean> =>
  isAnyAlive(deps, { scope: 'subject', sub })

/** Whose id `text` is; `null` for one that nobody ever had. @throws as `findSubject`. */
export const knownSubject = async (deps: SubjectDeps, text: string): Promise<SubjectId | null> => {
  if (!isSubjectId(text)) return null
  const sub = subjectId(text)
  return (await isKnownId(deps, sub)) || (await livesUnlisted(deps, sub)) ? sub : null
}

/**
 * The subject that `text` names by id or by name. An id goes before a name that is spelled alike.
 * What the store knows is known, whatever the directory says now, and also when it does not
 * answer. @throws AuthError USER_UNKNOWN, DIRECTORY_UNAVAILABLE, STORE_UNAVAILABLE.
 */
export const findSubject = async (deps: SubjectDeps, text: string): Promise<FoundSubject> => {
  if (!mayNameUser(text)) throw unknownUser(text)
  const sub = isSubjectId(text) ? subjectId(text) : null
  if (sub !== null && (await isKnownId(deps, sub))) return { sub, by: 'id' }
  const other = await named(deps, text)
  if (other !== null) return other
  if (sub !== null && (await livesUnlisted(deps, sub))) return { sub, by: 'id' }
  throw unknownUser(text)
}
