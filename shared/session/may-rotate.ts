import type { Commit, Epoch } from '../events/commit.ts'
import type { TokenId } from '../kernel/ids.ts'
import { isBelowCutoff } from './cutoffs-in-force.ts'
import { isLivePair } from './end-session.ts'
import type { SessionPolicy } from './session-policy.ts'

type Standing = Readonly<{ newest: Commit | null; cutoffs: Epoch; tokenEnded: boolean }>

/**
 * Whether an authentic refresh token could still rotate: the current one of a live session, or one
 * that was superseded while blacklisting is off; none that was named by its id. Pure; judges
 * nothing and revokes nothing.
 */
export const mayRotate = (
  { newest, cutoffs, tokenEnded }: Standing,
  token: Readonly<{ version: number; jti: TokenId }>,
  policy: Pick<SessionPolicy, 'blacklistAfterRotation'>,
): boolean => {
  if (tokenEnded || !isLivePair(newest) || isBelowCutoff(newest.session.epoch, cutoffs))
    return false
  const { current, unlisted } = newest.session
  if (token.version === current.version) return token.jti === current.token.jti
  const isUnlisted =
    unlisted !== null && token.version >= unlisted.from && token.version < unlisted.to
  return isUnlisted && !policy.blacklistAfterRotation
}
