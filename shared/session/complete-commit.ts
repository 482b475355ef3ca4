import type { NewCommit } from '../events/commit.ts'
import { AuthError } from '../kernel/errors.ts'

/**
 * A commit is one document and its records one request: both have limits, so this one comes first.
 */
export const commitBytesMax = 64 * 1024

type Draft = Omit<NewCommit, 'format' | 'kind' | 'session' | 'cutoff' | 'longestMs' | 'expiresAt'> &
  Partial<Pick<NewCommit, 'session' | 'cutoff' | 'longestMs' | 'expiresAt'>>

/**
 * Completes a commit; its kind follows from its events.
 * @throws AuthError COMMIT_TOO_LARGE before anything is appended.
 */
export const completeCommit = (draft: Draft): NewCommit => {
  const kind = draft.events.some(
    (event) => event.type === 'TokenRevoked' && event.data.reason !== 'rotated',
  )
    ? 'r'
    : 'o'
  const whole: NewCommit = {
    format: 1,
    session: null,
    cutoff: -1,
    longestMs: 0,
    expiresAt: null,
    ...draft,
    kind,
  }
  if (Buffer.byteLength(JSON.stringify(whole)) > commitBytesMax) {
    throw new AuthError('COMMIT_TOO_LARGE', `a commit on ${draft.id.s} exceeds 64 KiB`)
  }
  return whole
}
