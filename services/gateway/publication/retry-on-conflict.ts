import { AuthError } from '../../../shared/kernel/errors.ts'

/** No person causes that many conflicts in a row. */
const triesMax = 8

/**
 * Calls `attempt` until it answers something else than `again`, at most eight times. `message` is
 * that of the error when every try met a conflict. @throws AuthError STORE_CONTENDED.
 */
export const retryOnConflict = async <T>(
  attempt: () => Promise<T | 'again'>,
  message = 'the account changed under every try',
): Promise<T> => {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const answer = await attempt()
    if (answer !== 'again') return answer
  }
  throw new AuthError('STORE_CONTENDED', message)
}
