import { isAuthError } from '../../../shared/kernel/errors.ts'
import { findSubject, isSubjectId, type SubjectDeps } from '../accounts/index.ts'
import type { Asking } from './read-events.ts'
import { firstOf } from './walk-events.ts'

/**
 * Whom the directory knows by this name or id; else what was given, if `isTold` says that events
 * tell of it. @throws AuthError USER_UNKNOWN, DIRECTORY_UNAVAILABLE, and what `isTold` throws
 */
const knownOrInEvents = async (
  deps: SubjectDeps,
  text: string,
  isTold: () => Promise<boolean>,
): Promise<string> => {
  try {
    return (await findSubject(deps, text)).sub
  } catch (error) {
    if (isAuthError(error, 'USER_UNKNOWN') && (await isTold())) return text
    throw error
  }
}

/**
 * Whom somebody asks about, by name or id. Who was deleted long ago is known by the id alone, and
 * only as long as there are events about them.
 * @throws AuthError USER_UNKNOWN, DIRECTORY_UNAVAILABLE, STORE_UNAVAILABLE
 */
export const findAuditSubject = (
  deps: SubjectDeps,
  asking: Asking,
  text: string,
): Promise<string> =>
  knownOrInEvents(deps, text, async () => {
    return (
      isSubjectId(text) && (await firstOf(asking, { user: text }, { order: 'newest' })) !== null
    )
  })

/**
 * Who is asked about as an actor: a user by name or id, or whatever else acts and did something: a
 * service client, `gateway`, a command line (`cli:root`).
 * @throws AuthError USER_UNKNOWN, DIRECTORY_UNAVAILABLE, STORE_UNAVAILABLE
 */
export const findAuditActor = (deps: SubjectDeps, asking: Asking, text: string): Promise<string> =>
  knownOrInEvents(deps, text, async () => {
    return (await firstOf(asking, { actor: text }, { order: 'newest' })) !== null
  })
