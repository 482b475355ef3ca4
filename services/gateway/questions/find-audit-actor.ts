import type { SubjectDeps } from '../accounts/index.ts'
import { type Asking, firstOf, knownOrInEvents } from '../audit/index.ts'

/**
 * Who is asked about as an actor: a user by name or id, or whatever else acts and did something: a
 * service client, `gateway`, a command line (`cli:root`).
 * @throws AuthError USER_UNKNOWN, DIRECTORY_UNAVAILABLE, STORE_UNAVAILABLE
 */
export const findAuditActor = (deps: SubjectDeps, asking: Asking, text: string): Promise<string> =>
  knownOrInEvents(deps, text, async () => {
    return (await firstOf(asking, { actor: text }, { order: 'newest' })) !== null
  })
