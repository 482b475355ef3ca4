import type { NewCommit } from '../../../shared/events/commit.ts'
import type { Actor, Origin } from '../../../shared/events/event.ts'
import type { EpochMs, SubjectId } from '../../../shared/kernel/ids.ts'
import { isBelow } from '../../../shared/session/cutoffs.ts'
import { endSession, isLive } from '../../../shared/session/end-session.ts'
import type { BearerClaims, RefreshClaims } from '../../../shared/tokens/claims.ts'
import type { GatewayParts } from '../parts.ts'
import { isOwn, type Move } from '../publication/optimistic-append.ts'
import { appendSessionEnd } from '../revocations/end-session.ts'
import { readStanding } from '../revocations/read-standing.ts'
import { wasCurrent, whose } from './blacklist-token.ts'
import { type Judged, judgeRefresh } from './judge-refresh.ts'
import { newestOfEach } from './logout.ts'

/** The authentic tokens that a browser held when somebody logged in with it. */
export type Presented = Readonly<{
  refresh: readonly RefreshClaims[]
  bearers: readonly BearerClaims[]
}>

export const nothingPresented: Presented = { refresh: [], bearers: [] }

type Login = Readonly<{
  /** Who has just logged in. */
  sub: SubjectId
  origin: Origin
  arrival: EpochMs
}>

type Ended = NewCommit | null
const reason = 'logged_in_again'
const actorOf = ({ sub }: Login): Actor => ({ by: 'user', id: sub })

/** One that ended alone, or whose session is dead, proves nothing. */
const endByBearer = async (
  parts: GatewayParts,
  { sid, sub, client_id: client, jti }: BearerClaims,
  login: Login,
): Promise<Ended> => {
  const { newest, cutoffs, tokenEnded } = await readStanding(parts.store, { sid, sub, client, jti })
  if (tokenEnded || !isLive(newest) || isBelow(newest.session.epoch, cutoffs)) return null
  return appendSessionEnd(parts, { sid, reason, origin: login.origin, actor: actorOf(login) })
}

/** Judged as at a refresh: a reuse is told as one, and what was never blacklisted ends nothing. */
const endByRefresh = (parts: GatewayParts, claims: RefreshClaims, login: Login): Promise<Ended> => {
  const { origin, arrival } = login
  const request = { claims, origin, arrival }
  const won = (commit: NewCommit): Ended => commit
  const act = async (judged: Judged): Promise<Move<Ended>> => {
    const { newest, now, claim, decision } = judged
    if (isOwn(newest, claim)) return { result: newest }
    if (decision.decide === 'refused' || !isLive(newest)) return { result: null }
    const isReuse = decision.decide === 'reuse' && !(await wasCurrent({ parts, request }))
    if (isReuse || decision.decide === 'revoked') return { insert: decision.commit, won }
    const ending = { reason, now, claim, origin, actor: actorOf(login) } as const
    return { insert: endSession(newest, ending), won }
  }
  return judgeRefresh(parts, request, act, whose)
}

/**
 * Ends the sessions whose cookies a browser held when somebody logged in with it (ASVS 7.2.4): the
 * cookies are replaced, so nobody else should hold these. Whoever opened them. Durable when this
 * resolves, and told to the log behind the answer.
 */
export const endPresented = async (
  parts: GatewayParts,
  { refresh, bearers }: Presented,
  login: Login,
): Promise<void> => {
  const hand = (commit: Ended): void => {
    // One that was dead before is told already, or by the relay.
    if (commit && !('published' in commit)) parts.publisher.hand(commit)
  }
  // First, so that a living access token hides no reuse of the refresh token beside it.
  const newest = newestOfEach(refresh)
  await Promise.all(newest.map(async (one) => hand(await endByRefresh(parts, one, login))))
  await Promise.all(bearers.map(async (one) => hand(await endByBearer(parts, one, login))))
}
