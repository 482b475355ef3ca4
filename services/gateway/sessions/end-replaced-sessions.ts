import type { NewCommit } from '../../../shared/events/commit.ts'
import type { Actor, Origin } from '../../../shared/events/event.ts'
import type { EpochMs, SubjectId } from '../../../shared/kernel/ids.ts'
import { isBelow } from '../../../shared/session/cutoffs.ts'
import { endSession, isLive } from '../../../shared/session/end-session.ts'
import type { BearerClaims, RefreshClaims } from '../../../shared/tokens/claims.ts'
import { type Decision, isOwnCommit } from '../publication/index.ts'
import { appendSessionEnd, readStanding } from '../revocations/index.ts'
import { wasCurrent, whose } from './blacklist-token.ts'
import { type Judged, judgeRefresh } from './judge-refresh.ts'
import { newestOfEach } from './logout.ts'
import type { SessionDeps } from './session-deps.ts'

/** The authentic tokens that a browser held when somebody logged in with it. */
export type BrowserTokens = Readonly<{
  refresh: readonly RefreshClaims[]
  bearers: readonly BearerClaims[]
}>

export const noTokens: BrowserTokens = { refresh: [], bearers: [] }

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
  deps: SessionDeps,
  { sid, sub, client_id: client, jti }: BearerClaims,
  login: Login,
): Promise<Ended> => {
  const { newest, cutoffs, tokenEnded } = await readStanding(deps.context.store, {
    sid,
    sub,
    client,
    jti,
  })
  if (tokenEnded || !isLive(newest) || isBelow(newest.session.epoch, cutoffs)) return null
  return appendSessionEnd(deps, { sid, reason, origin: login.origin, actor: actorOf(login) })
}

/** Judged as at a refresh: a reuse is told as one, and what was never blacklisted ends nothing. */
const endByRefresh = (deps: SessionDeps, claims: RefreshClaims, login: Login): Promise<Ended> => {
  const { origin, arrival } = login
  const request = { claims, origin, arrival }
  const won = (commit: NewCommit): Ended => commit
  const act = async (judged: Judged): Promise<Decision<Ended>> => {
    const { newest, now, claim, decision } = judged
    if (isOwnCommit(newest, claim)) return { result: newest }
    if (decision.decide === 'refused' || !isLive(newest)) return { result: null }
    const isReuse = decision.decide === 'reuse' && !(await wasCurrent({ deps, request }))
    if (isReuse || decision.decide === 'revoked')
      return { insert: decision.commit, onInserted: won }
    const ending = { reason, now, claim, origin, actor: actorOf(login) } as const
    return { insert: endSession(newest, ending), onInserted: won }
  }
  return judgeRefresh(deps, request, act, whose)
}

/**
 * Ends the sessions whose cookies a browser held when somebody logged in with it (ASVS 7.2.4): the
 * cookies are replaced, so nobody else should hold these. Whoever opened them. Durable when this
 * resolves, and told to the log behind the answer.
 */
export const endReplacedSessions = async (
  deps: SessionDeps,
  { refresh, bearers }: BrowserTokens,
  login: Login,
): Promise<void> => {
  const hand = (commit: Ended): void => {
    // One that was dead before is told already, or by the relay.
    if (commit && !('published' in commit)) deps.publisher.enqueue(commit)
  }
  // First, so that a living access token hides no reuse of the refresh token beside it.
  const newest = newestOfEach(refresh)
  await Promise.all(newest.map(async (one) => hand(await endByRefresh(deps, one, login))))
  await Promise.all(bearers.map(async (one) => hand(await endByBearer(deps, one, login))))
}
