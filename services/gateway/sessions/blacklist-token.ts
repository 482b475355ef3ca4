import type { Commit, NewCommit } from '../../../shared/events/commit.ts'
import { sessionStream } from '../../../shared/kernel/ids.ts'
import { tellsReuse } from '../../../shared/session/decide-refresh.ts'
import { endSession, isLive, type LiveCommit } from '../../../shared/session/end-session.ts'
import { lookUpUser } from '../accounts/index.ts'
import { type Decision, isOwnCommit } from '../publication/index.ts'
import { type Delivery, deliver, deliverUnlessPublished } from '../revocations/index.ts'
import {
  appendRefreshDecision,
  findReplacement,
  type JudgedRefresh,
  type RefreshRequest,
} from './append-refresh-decision.ts'
import type { LogoutInFlight } from './logouts-in-flight.ts'
import type { SessionDeps } from './open-sessions.ts'

export type BlacklistResult =
  | Readonly<{ outcome: 'ended'; delivery: Delivery }>
  /** The token came after its grace, so the session ended (I2); the route answers 401. */
  | Readonly<{ outcome: 'reused' }>
  /**
   * The token is unknown, its session was dead already, or the session ended now because the
   * token's id had been revoked.
   */
  | Readonly<{ outcome: 'refused'; sessionDead: boolean }>

type Outcome = BlacklistResult['outcome']
type EndOrRefusal =
  | Readonly<{ outcome: Outcome; commit: NewCommit }>
  | Readonly<{ outcome: 'refused'; commit: null; sessionDead: boolean }>

/** What the commit that ended the session means for the caller. */
const outcomeOfCommit = (commit: NewCommit): Outcome => {
  if (tellsReuse(commit)) return 'reused'
  const isLogout = commit.events.some(
    ({ type, data }) => type === 'TokenRevoked' && data.reason === 'logout',
  )
  return isLogout ? 'ended' : 'refused'
}

/** Whether the session is dead now, and was still alive when the request arrived. */
export const endedSinceArrival = (
  newest: Commit | null,
  arrival: RefreshRequest['arrival'],
): newest is Commit => newest?.session?.status === 'dead' && newest.at > arrival

type BlacklistAttempt = Readonly<{
  deps: SessionDeps
  request: RefreshRequest
  logoutInFlight: LogoutInFlight
}>

/**
 * Whether another request rotated the token after this one had arrived. With a grace of 0 that is
 * no reuse either.
 */
export const wasCurrentAtArrival = async ({
  deps,
  request,
}: Pick<BlacklistAttempt, 'deps' | 'request'>): Promise<boolean> => {
  const { sid, ver } = request.claims
  const replacedAt = await findReplacement(deps, sessionStream(sid), ver)
  return replacedAt !== null && replacedAt > request.arrival
}

const appendLogout = (
  newest: LiveCommit,
  { now, claim }: JudgedRefresh,
  { request }: BlacklistAttempt,
): Decision<EndOrRefusal> => {
  const ending = { reason: 'logout', now, claim, origin: request.origin } as const
  return {
    insert: endSession(newest, ending),
    onInserted: (commit) => ({ outcome: 'ended', commit }),
  }
}

const resultWhenRefused = async (
  judged: JudgedRefresh,
  { deps, request, logoutInFlight }: BlacklistAttempt,
  foundAlive: boolean,
): Promise<EndOrRefusal> => {
  const { newest, decision } = judged
  const { sid, sub, ver: version } = request.claims
  const why = decision.decide === 'refused' ? decision.why : null
  if (why === 'unknown') {
    deps.context.logger.error(
      { sid, sub, version },
      'an authentic refresh token is not in the store',
    )
  }
  logoutInFlight.reportAlive(sid, foundAlive)
  const cameWhileAlive =
    foundAlive ||
    endedSinceArrival(newest, request.arrival) ||
    (await logoutInFlight.cameWhileAlive(sid))
  const isSessionDead = newest?.session?.status === 'dead'
  return isSessionDead && cameWhileAlive && (foundAlive || wouldBeAccepted(newest, judged))
    ? { outcome: 'ended', commit: newest }
    : { outcome: 'refused', commit: null, sessionDead: why === 'dead' || newest === null }
}

/** Whether the token would be accepted if its session had not ended. */
const wouldBeAccepted = (newest: Commit, { decideFor }: JudgedRefresh): boolean => {
  if (newest.session?.status !== 'dead') return false
  const { decide } = decideFor({ ...newest, session: { ...newest.session, status: 'live' } })
  return decide === 'insert' || decide === 'replay' || decide === 'superseded'
}

const blacklistDecision = (attempt: BlacklistAttempt) => {
  let foundAlive = false
  return async (judged: JudgedRefresh): Promise<Decision<EndOrRefusal>> => {
    const { newest, claim, decision } = judged
    if (isOwnCommit(newest, claim))
      return { result: { outcome: outcomeOfCommit(newest), commit: newest } }
    const isRefused = decision.decide === 'refused'
    if (isRefused || !isLive(newest))
      return { result: await resultWhenRefused(judged, attempt, foundAlive) }
    const isReuse =
      decision.decide === 'reuse' && !foundAlive && !(await wasCurrentAtArrival(attempt))
    if (isReuse || decision.decide === 'revoked') {
      const onInserted = (commit: NewCommit): EndOrRefusal => ({
        outcome: outcomeOfCommit(commit),
        commit,
      })
      return { insert: decision.commit, onInserted }
    }
    foundAlive = true
    attempt.logoutInFlight.reportAlive(attempt.request.claims.sid, true)
    return appendLogout(newest, judged, attempt)
  }
}

/** A logout does not ask a team's own directory, so it works while that does not answer. */
export const lookUpBuiltInUser: typeof lookUpUser = async (deps, sub) =>
  deps.accounts.ownUsers ? { state: 'unasked' } : lookUpUser(deps, sub)

/** Reports at the end in any case, so that no later request waits for this one. */
const endSessionOfToken = async (
  deps: SessionDeps,
  request: RefreshRequest,
  logoutInFlight: LogoutInFlight,
): Promise<EndOrRefusal> => {
  try {
    return await appendRefreshDecision(
      deps,
      request,
      blacklistDecision({ deps, request, logoutInFlight }),
      lookUpBuiltInUser,
    )
  } finally {
    logoutInFlight.reportAlive(request.claims.sid, false)
  }
}

/**
 * Ends the session of a refresh token that is current or within its grace. Used by Simple-JWT's
 * blacklist view, and by a logout without a living access token. The caller verified the token
 * before, and nothing else authenticates the request. Every request that came while the session
 * lived is answered that it ended, whichever of them ended it.
 */
export const blacklistToken = async (
  deps: SessionDeps,
  request: RefreshRequest,
  logoutInFlight: LogoutInFlight,
): Promise<BlacklistResult> => {
  const ending = await endSessionOfToken(deps, request, logoutInFlight)
  if (ending.commit === null) return { outcome: 'refused', sessionDead: ending.sessionDead }
  const { outcome, commit } = ending
  if (outcome === 'ended') return { outcome, delivery: await deliverUnlessPublished(deps, commit) }
  await deliver(deps, commit)
  return outcome === 'reused' ? { outcome } : { outcome, sessionDead: true }
}
