import { isAuthError } from '../../../shared/kernel/errors.ts'
import { findSubject, type SubjectDeps } from '../accounts/index.ts'
import type { Asking } from '../audit/index.ts'
import { firstOf } from './question.ts'

/**
 * Who is asked about as an actor: a user by name or id, or whatever else acts and did something: a
 * service client, `gateway`, a command line (`cli:root`).
 * @throws AuthError USER_UNKNOWN, DIRECTORY_UNAVAILABLE, STORE_UNAVAILABLE
 */
export const askedActor = async (
  deps: SubjectDeps,
  asking: Asking,
  text: string,
): Promise<string> => {
  try {
    return (await findSubject(deps, text)).sub
  } catch (error) {
    if (!isAuthError(error, 'USER_UNKNOWN')) throw error
    if ((await firstOf(asking, { actor: text }, { order: 'newest' })) !== null) return text
    throw error
  }
}
