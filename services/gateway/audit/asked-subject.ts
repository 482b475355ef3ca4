import { noFilter } from '../../../shared/events/audit-terms.ts'
import { isAuthError } from '../../../shared/kernel/errors.ts'
import type { AuditPlace } from '../../../shared/ports/audit-index.ts'
import { findSubject, isSubjectId, type SubjectDeps } from '../accounts/index.ts'
import { type Asking, type EventPage, readEvents } from './read-events.ts'

const isTold = async (asking: Asking, user: string): Promise<boolean> => {
  const wanted = { ...noFilter, user, since: null, until: null, order: 'newest', limit: 1 } as const
  let after: AuditPlace | null = null
  do {
    // Another term may have the hash of this one: a page of its events is empty and goes on.
    const page: EventPage = await readEvents(asking, { ...wanted, after })
    if (page.events.length > 0) return true
    after = page.next
  } while (after !== null)
  return false
}

/**
 * Whom somebody asks about, by name or id. Who was deleted long ago is known by the id alone, and
 * only as long as there are events about them.
 * @throws AuthError USER_UNKNOWN, DIRECTORY_UNAVAILABLE, STORE_UNAVAILABLE
 */
export const askedSubject = async (
  deps: SubjectDeps,
  asking: Asking,
  text: string,
): Promise<string> => {
  try {
    return (await findSubject(deps, text)).sub
  } catch (error) {
    if (!isAuthError(error, 'USER_UNKNOWN') || !isSubjectId(text)) throw error
    if (await isTold(asking, text)) return text
    throw error
  }
}
