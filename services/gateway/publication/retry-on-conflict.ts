import { AuthError } from '../../../shared/kernel/errors.ts'

/** A user or account that changes under every try is no user's doing. */
const triesMax = 8

/**
 * What `attempt` answers but `again`, within eight tries. `contended` is the message when all of
 * them met a change. @throws AuthError STORE_CONTENDED.
 */
export const retryOnConflict = async <T>(
  attempt: () => Promise<T | 'again'>,
  contended = 'the account changed under every try',
): Promise<T> => {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const answer = await attempt()
    if (answer !== 'again') return answer
  }
  throw new AuthError('STORE_CONTENDED', contended)
}
