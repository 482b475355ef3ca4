import type { Commit, NewCommit } from '../../../shared/events/commit.ts'
import { sessionStream } from '../../../shared/kernel/ids.ts'
import { tellsReuse } from '../../../shared/session/decide-refresh.ts'
import { endSession, isLive, type LiveCommit } from '../../../shared/session/end-session.ts'
import { lookUpUser } from '../accounts/index.ts'
import { type Decision, isOwnCommit } from '../publication/index.ts'
import { type Delivery, deliver, deliverUnlessPublished } from '../revocations/index.ts'
import { findReplacement, type Judged, judgeRefresh, type RefreshRequest } from './judge-refresh.ts'
import type { LogoutInFlight } from './logouts-in-flight.ts'
import type { SessionDeps } from './session-deps.ts'

export type BlacklistResult =
  | Readonly<{ outcome: 'ended'; delivery: Delivery }>
  /** Presented after its grace: the session ended for that (I2), and the caller is told 401. */
  | Readonly<{ outcome: 'reused' }>
  /** Unknown, or ended here because its id had been revoked; or its session was dead before. */
  | Readonly<{ outcome: 'refused'; sessionDead: boolean }>

type Outcome = BlacklistResult['outcome']
type Ending =
  | Readonly<{ outcome: Outcome; commit: NewCommit }>
  | Readonly<{ outcome: 'refused'; commit: null; sessionDead: boolean }>

/** What the caller is told of the session's end that was appended for it. */
const outcomeOf = (commit: NewCommit): Outcome => {
  if (tellsReuse(commit)) return 'reused'
  const isLogout = commit.events.some(
    (one) => one.type === 'TokenRevoked' && one.data.reason === 'logout',
  )
  return isLogout ? 'ended' : 'refused'
}

/** Whether a session that is dead by now was alive when a request came. */
export const diedSince = (
  newest: Commit | null,
  arrival: RefreshRequest['arrival'],
): newest is Commit => newest?.session?.status === 'dead' && newest.at > arrival

type Look = Readonly<{ deps: SessionDeps; request: RefreshRequest; departing: LogoutInFlight }>

/** Another request replaced it while this one was on its way: with no grace, that is no reuse. */
export const wasCurrent = async ({
  deps,
  request,
}: Pick<Look, 'deps' | 'request'>): Promise<boolean> => {
  const { sid, ver } = request.claims
  const replacedAt = await findReplacement(deps, sessionStream(sid), ver)
  return replacedAt !== null && replacedAt > request.arrival
}

const leaving = (
  newest: LiveCommit,
  { now, claim }: Judged,
  { request }: Look,
): Decision<Ending> => {
  const ending = { reason: 'logout', now, claim, origin: request.origin } as const
  return {
    insert: endSession(newest, ending),
    onInserted: (commit) => ({ outcome: 'ended', commit }),
  }
}

const refused = async (
  judged: Judged,
  { deps, request, departing }: Look,
  sawAlive: boolean,
): Promise<Ending> => {
  const { newest, decision } = judged
  const { sid, sub, ver: version } = request.claims
  const why = decision.decide === 'refused' ? decision.why : null
  if (why === 'unknown') {
    deps.context.logger.error(
      { sid, sub, version },
      'an authentic refresh token is not in the store',
    )
  }
  departing.found(sid, sawAlive)
  const cameInTime =
    sawAlive || diedSince(newest, request.arrival) || (await departing.cameInTime(sid))
  const isOver = newest?.session?.status === 'dead'
  return isOver && cameInTime && (sawAlive || wasGood(newest, judged))
    ? { outcome: 'ended', commit: newest }
    : { outcome: 'refused', commit: null, sessionDead: why === 'dead' || newest === null }
}

/** Whether the token would be good, but for its session's end. */
const wasGood = (newest: Commit, { decideOn }: Judged): boolean => {
  if (newest.session?.status !== 'dead') return false
  const { decide } = decideOn({ ...newest, session: { ...newest.session, status: 'live' } })
  return decide === 'insert' || decide === 'replay' || decide === 'superseded'
}

const lookingOn = (look: Look) => {
  let sawAlive = false
  return async (judged: Judged): Promise<Decision<Ending>> => {
    const { newest, claim, decision } = judged
    if (isOwnCommit(newest, claim))
      return { result: { outcome: outcomeOf(newest), commit: newest } }
    const isRefused = decision.decide === 'refused'
    if (isRefused || !isLive(newest)) return { result: await refused(judged, look, sawAlive) }
    const isReuse = decision.decide === 'reuse' && !sawAlive && !(await wasCurrent(look))
    if (isReuse || decision.decide === 'revoked') {
      const won = (commit: NewCommit): Ending => ({ outcome: outcomeOf(commit), commit })
      return { insert: decision.commit, onInserted: won }
    }
    sawAlive = true
    look.departing.found(look.request.claims.sid, true)
    return leaving(newest, judged, look)
  }
}

/** A directory of a team's own need not answer for somebody to leave. */
export const whose: typeof lookUpUser = async (deps, sub) =>
  deps.accounts.ownUsers ? { state: 'unasked' } : lookUpUser(deps, sub)

/** Whatever becomes of it, nobody who came later waits for its word any more. */
const settled = async (
  deps: SessionDeps,
  request: RefreshRequest,
  departing: LogoutInFlight,
): Promise<Ending> => {
  try {
    return await judgeRefresh(deps, request, lookingOn({ deps, request, departing }), whose)
  } finally {
    departing.found(request.claims.sid, false)
  }
}

/**
 * Ends the session of a refresh token that is current, or within its grace: Simple-JWT's blacklist
 * view, and a logout without a living access token. Its token was verified before; nobody else is
 * authenticated. Who came while the session lived is told that it ended, whoever was first.
 */
export const blacklistToken = async (
  deps: SessionDeps,
  request: RefreshRequest,
  departing: LogoutInFlight,
): Promise<BlacklistResult> => {
  const ending = await settled(deps, request, departing)
  if (ending.commit === null) return { outcome: 'refused', sessionDead: ending.sessionDead }
  const { outcome, commit } = ending
  if (outcome === 'ended') return { outcome, delivery: await deliverUnlessPublished(deps, commit) }
  await deliver(deps, commit)
  return outcome === 'reused' ? { outcome } : { outcome, sessionDead: true }
}
