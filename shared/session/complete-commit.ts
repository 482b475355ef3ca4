import type { NewCommit } from '../events/commit.ts'
import { AuthError } from '../kernel/errors.ts'
import { jsonBytesAtMost } from '../kernel/json-bytes-at-most.ts'

/**
 * A commit is one document and its records one request: both have limits, so this one comes first.
 */
export const commitBytesMax = 64 * 1024

type Session = NewCommit['session']
type Draft<S extends Session> = Omit<
  NewCommit,
  'format' | 'kind' | 'session' | 'cutoff' | 'longestMs' | 'expiresAt'
> &
  Partial<Pick<NewCommit, 'cutoff' | 'longestMs' | 'expiresAt'>> &
  Readonly<{ session?: S }>

/**
 * Completes a commit; its kind follows from its events.
 * @throws AuthError COMMIT_TOO_LARGE before anything is appended.
 */
export const completeCommit = <S extends Session = null>(
  draft: Draft<S>,
): NewCommit & Readonly<{ session: S }> => {
  const kind = draft.events.some(
    (event) => event.type === 'TokenRevoked' && event.data.reason !== 'rotated',
  )
    ? 'r'
    : 'o'
  const whole = {
    format: 1 as const,
    session: null as S,
    cutoff: -1,
    longestMs: 0,
    expiresAt: null,
    ...draft,
    kind: kind as NewCommit['kind'],
  }
  // Most are far from the limit, and their text is made once, when it is stored: sealed by then.
  const mayExceed = jsonBytesAtMost(whole) > commitBytesMax
  if (mayExceed && Buffer.byteLength(JSON.stringify(whole)) > commitBytesMax) {
    throw new AuthError('COMMIT_TOO_LARGE', `a commit on ${draft.id.s} exceeds 64 KiB`)
  }
  return whole
}
