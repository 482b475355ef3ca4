import type { NewCommit } from '../../../shared/events/commit.ts'
import type { Actor, Origin } from '../../../shared/events/event.ts'
import type { EpochMs, SubjectId } from '../../../shared/kernel/ids.ts'
import { isBelowCutoff } from '../../../shared/session/cutoffs-in-force.ts'
import { endSession, isLive } from '../../../shared/session/end-session.ts'
import type { BearerClaims, RefreshClaims } from '../../../shared/tokens/claims.ts'
import { type Decision, isOwnCommit } from '../publication/index.ts'
import { appendSessionEnd, readSessionAndCutoffs } from '../revocations/index.ts'
import { appendRefreshDecision, type JudgedRefresh } from './append-refresh-decision.ts'
import { lookUpBuiltInUser, wasCurrentAtArrival } from './blacklist-token.ts'
import { newestOfEach } from './logout.ts'
import type { SessionDeps } from './open-sessions.ts'

/** The authentic tokens in the cookies of a browser from which somebody logs in. */
export type BrowserTokens = Readonly<{
  refresh: readonly RefreshClaims[]
  bearers: readonly BearerClaims[]
}>

export const noTokens: BrowserTokens = { refresh: [], bearers: [] }

type Login = Readonly<{
  /** The user who has just logged in. */
  sub: SubjectId
  origin: Origin
  arrival: EpochMs
}>

type EndCommit = NewCommit | null
const reason = 'logged_in_again'
const actorOf = ({ sub }: Login): Actor => ({ by: 'user', id: sub })

/** A token that was revoked, or whose session is dead, ends nothing. */
const endByBearer = async (
  deps: SessionDeps,
  { sid, sub, client_id: client, jti }: BearerClaims,
  login: Login,
): Promise<EndCommit> => {
  const { newest, cutoffs, tokenEnded } = await readSessionAndCutoffs(deps.context.store, {
    sid,
    sub,
    client,
    jti,
  })
  if (tokenEnded || !isLive(newest) || isBelowCutoff(newest.session.epoch, cutoffs)) return null
  return appendSessionEnd(deps, { sid, reason, origin: login.origin, actor: actorOf(login) })
}

/**
 * The token is judged as at a refresh: reuse is recorded as reuse, and a token that a refresh would
 * refuse ends nothing.
 */
const endByRefresh = (
  deps: SessionDeps,
  claims: RefreshClaims,
  login: Login,
): Promise<EndCommit> => {
  const { origin, arrival } = login
  const request = { claims, origin, arrival }
  const onInserted = (commit: NewCommit): EndCommit => commit
  const decideEnd = async (judged: JudgedRefresh): Promise<Decision<EndCommit>> => {
    const { newest, now, claim, decision } = judged
    if (isOwnCommit(newest, claim)) return { result: newest }
    if (decision.decide === 'refused' || !isLive(newest)) return { result: null }
    const isReuse = decision.decide === 'reuse' && !(await wasCurrentAtArrival({ deps, request }))
    if (isReuse || decision.decide === 'revoked') return { insert: decision.commit, onInserted }
    const ending = { reason, now, claim, origin, actor: actorOf(login) } as const
    return { insert: endSession(newest, ending), onInserted }
  }
  return appendRefreshDecision(deps, request, decideEnd, lookUpBuiltInUser)
}

/**
 * A login replaces the cookies of the browser, so it ends the sessions that the old cookies belong
 * to, whichever user opened them (ASVS 7.2.4). When this resolves, the ends are in the event store;
 * they are published after the answer.
 */
export const endReplacedSessions = async (
  deps: SessionDeps,
  { refresh, bearers }: BrowserTokens,
  login: Login,
): Promise<void> => {
  const enqueue = (commit: EndCommit): void => {
    // A commit from the store was published before, or the relay publishes it.
    if (commit && !('published' in commit)) deps.publisher.enqueue(commit)
  }
  // Refresh tokens first, so that a living access token does not hide the reuse of one beside it.
  const newest = newestOfEach(refresh)
  await Promise.all(newest.map(async (claims) => enqueue(await endByRefresh(deps, claims, login))))
  await Promise.all(bearers.map(async (claims) => enqueue(await endByBearer(deps, claims, login))))
}
