import type { NewCommit } from '../../shared/events/commit.ts'
import { tellsReuse } from '../../shared/session/decide-refresh.ts'
import { endSession, isLive } from '../../shared/session/end-session.ts'
import { isOwn, type Move } from './append.ts'
import { type Judged, judgeRefresh, type RefreshRequest } from './judge-refresh.ts'
import type { GatewayParts } from './parts.ts'
import { type Delivery, deliver } from './revocation.ts'

export type BlacklistResult =
  | Readonly<{ outcome: 'ended'; delivery: Delivery }>
  /** Presented after its grace: the session ended for that (I2), and the caller is told 401. */
  | Readonly<{ outcome: 'reused' }>
  /** Dead, unknown, or ended here because its id had been revoked. */
  | Readonly<{ outcome: 'refused' }>

type Ending = Readonly<{ outcome: BlacklistResult['outcome']; commit: NewCommit }> | 'refused'

/** What the caller is told of the session's end that was appended for it. */
const outcomeOf = (commit: NewCommit): BlacklistResult['outcome'] => {
  if (tellsReuse(commit)) return 'reused'
  const isLogout = commit.events.some(
    (one) => one.type === 'TokenRevoked' && one.data.reason === 'logout',
  )
  return isLogout ? 'ended' : 'refused'
}

const moveOf = (
  { newest, claim, now, decision }: Judged,
  { origin }: RefreshRequest,
): Move<Ending> => {
  if (isOwn(newest, claim)) {
    return { result: { outcome: outcomeOf(newest), commit: newest } }
  }
  if (decision.decide === 'reuse' || decision.decide === 'revoked') {
    return { insert: decision.commit, won: (commit) => ({ outcome: outcomeOf(commit), commit }) }
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
  return ending.outcome === 'ended' ? { outcome: 'ended', delivery } : { outcome: ending.outcome }
}
