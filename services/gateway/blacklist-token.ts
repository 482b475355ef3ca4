import type { NewCommit } from '../../shared/events/commit.ts'
import { endSession, isLive } from '../../shared/session/end-session.ts'
import { isOwn, type Move } from './append.ts'
import { type Judged, judgeRefresh, type RefreshRequest } from './judge-refresh.ts'
import type { GatewayParts } from './parts.ts'
import { type Delivery, deliver } from './revocation.ts'

export type BlacklistResult =
  | Readonly<{ outcome: 'ended'; delivery: Delivery }>
  /** Presented after its grace: the session ended for that (I2), and the caller is told 401. */
  | Readonly<{ outcome: 'reused' }>
  | Readonly<{ outcome: 'refused' }>

type Ending = Readonly<{ outcome: 'ended' | 'reused'; commit: NewCommit }> | 'refused'

const moveOf = (
  { newest, claim, now, decision }: Judged,
  { origin }: RefreshRequest,
): Move<Ending> => {
  if (isOwn(newest, claim)) {
    const reused = newest.events.some(({ type }) => type === 'ReuseDetected')
    return { result: { outcome: reused ? 'reused' : 'ended', commit: newest } }
  }
  if (decision.decide === 'reuse') {
    return { insert: decision.commit, won: (commit) => ({ outcome: 'reused', commit }) }
  }
  if (decision.decide === 'refused' || !isLive(newest)) return { result: 'refused' }
  const ending = { reason: 'logout', now, claim, origin } as const
  return { insert: endSession(newest, ending), won: (commit) => ({ outcome: 'ended', commit }) }
}

/**
 * Simple-JWT's blacklist view: ends the session of a refresh token that is current, or within its
 * grace. Its token was verified before; nobody else is authenticated.
 */
export const blacklistToken = async (
  parts: GatewayParts,
  request: RefreshRequest,
): Promise<BlacklistResult> => {
  const ending = await judgeRefresh(parts, request, (judged) => moveOf(judged, request))
  if (ending === 'refused') return { outcome: 'refused' }
  const delivery = await deliver(parts, ending.commit)
  return ending.outcome === 'reused' ? { outcome: 'reused' } : { outcome: 'ended', delivery }
}
