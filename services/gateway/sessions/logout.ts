import type { Commit } from '../../../shared/events/commit.ts'
import type { Origin } from '../../../shared/events/event.ts'
import { type EpochMs, type SessionId, sessionStream } from '../../../shared/kernel/ids.ts'
import { isBelowCutoff } from '../../../shared/session/cutoffs-in-force.ts'
import { isLive } from '../../../shared/session/end-session.ts'
import { mayRotate } from '../../../shared/session/rotation.ts'
import type { BearerClaims, RefreshClaims } from '../../../shared/tokens/claims.ts'
import {
  combinedDelivery,
  type Delivery,
  endSessionById,
  publishEnd,
  readSessionAndCutoffs,
} from '../revocations/index.ts'
import { blacklistToken, endedSinceArrival } from './blacklist-token.ts'
import type { LogoutInFlight } from './logouts-in-flight.ts'
import type { SessionDeps } from './open-sessions.ts'

type Claims = BearerClaims | RefreshClaims

/** Every authentic token of a request. */
export type LogoutRequest = Readonly<{
  refresh: readonly RefreshClaims[]
  /** Access tokens that have not expired, and sliding tokens that may still be renewed. */
  bearers: readonly BearerClaims[]
  /** Too old to end a session. If that session is dead, the cookies may still be cleared. */
  expired: readonly Claims[]
  /**
   * The access tokens that claim the session of one of `refresh`, unverified until this is called:
   * not where each of `refresh` proves enough.
   */
  readBesideRefresh: () => Pick<LogoutRequest, 'bearers' | 'expired'>
  origin: Origin
  arrival: EpochMs
}>

export type LogoutResult =
  | Readonly<{ outcome: 'logged_out'; delivery: Delivery }>
  /** A living access token beside refresh or sliding tokens of other users only: nothing ends. */
  | Readonly<{ outcome: 'other_user' }>
  /** `reused`: a session ended because one of its refresh tokens came after its grace. */
  | Readonly<{ outcome: 'refused'; sessionDead: boolean; reused: boolean }>

type LogoutAttempt = Readonly<{
  deps: SessionDeps
  request: LogoutRequest
  logoutInFlight: LogoutInFlight
}>
/** `token_ended`: the session lives, and only this token was revoked. */
type TokenState = 'living' | 'token_ended' | 'dead'
type Standing = Awaited<ReturnType<typeof readSessionAndCutoffs>>
type TokenWithState<C> = Readonly<{ claims: C; state: TokenState; standing: Standing }>

const stateOf = async (
  { request, logoutInFlight }: LogoutAttempt,
  { sid }: Claims,
  { newest, cutoffs, tokenEnded }: Standing,
): Promise<TokenState> => {
  if (isLive(newest) && !isBelowCutoff(newest.session.epoch, cutoffs)) {
    if (tokenEnded) return 'token_ended'
    logoutInFlight.reportAlive(sid, true)
    return 'living'
  }
  if (tokenEnded) return 'dead'
  return endedSinceArrival(newest, request.arrival) || (await logoutInFlight.cameWhileAlive(sid))
    ? 'living'
    : 'dead'
}

const statesOf = <C extends Claims>(
  attempt: LogoutAttempt,
  all: readonly C[],
): Promise<readonly TokenWithState<C>[]> =>
  Promise.all(
    all.map(async (claims) => {
      const { sid, sub, client_id: client, jti } = claims
      const { store } = attempt.deps.context
      const standing = await readSessionAndCutoffs(store, { sid, sub, client, jti })
      return { claims, state: await stateOf(attempt, claims, standing), standing }
    }),
  )

/**
 * The newest refresh token of each session. A browser may hold an older one beside it; that one
 * must not count as reuse.
 */
export const newestOfEach = (refresh: readonly RefreshClaims[]): readonly RefreshClaims[] => {
  const bySid = new Map<SessionId, RefreshClaims>()
  for (const claims of refresh) {
    const known = bySid.get(claims.sid)
    if (!known || claims.ver > known.ver) bySid.set(claims.sid, claims)
  }
  return [...bySid.values()]
}

type EndedSession = Readonly<{ delivery: Delivery | null; sessionDead: boolean; reused: boolean }>

const endBySessionId = async (
  { deps, request: { origin } }: LogoutAttempt,
  sid: SessionId,
  newest: Commit | null,
): Promise<EndedSession> => {
  const result = await endSessionById(deps, { sid, reason: 'logout', origin, newest })
  return result.outcome === 'ended'
    ? { delivery: result.delivery, sessionDead: true, reused: false }
    : { delivery: null, sessionDead: true, reused: false }
}

const endByRefreshToken = async (
  attempt: LogoutAttempt,
  claims: RefreshClaims,
): Promise<EndedSession> => {
  const { origin, arrival } = attempt.request
  const result = await blacklistToken(
    attempt.deps,
    { claims, origin, arrival },
    attempt.logoutInFlight,
  )
  switch (result.outcome) {
    case 'ended':
      return { delivery: result.delivery, sessionDead: true, reused: false }
    case 'reused':
      return { delivery: null, sessionDead: true, reused: true }
    case 'refused':
      return { delivery: null, sessionDead: result.sessionDead, reused: false }
  }
}

const deliveriesOf = (ended: readonly EndedSession[]): readonly Delivery[] =>
  ended.flatMap(({ delivery }) => delivery ?? [])

/**
 * Publishes the ends of dead sessions before the answer says that they are dead: those of `dead`
 * tokens and of the request's expired tokens. Says whether there was one.
 */
const publishDeadSessions = async (
  { deps, request }: LogoutAttempt,
  dead: readonly Claims[],
): Promise<boolean> => {
  if (dead.length === 0 && request.expired.length === 0) return false
  const streams = request.expired.map(({ sid }) => sessionStream(sid))
  const heads = await deps.context.store.heads(streams)
  const ended = request.expired.filter((_, index) => !isLive(heads[index] ?? null))
  const sids = new Set([...dead, ...ended].map(({ sid }) => sid))
  await Promise.all([...sids].map((sid) => publishEnd(deps, sid)))
  return sids.size > 0
}

/** Whether a refresh token proves as much as a living access token of its session. */
const isProof = (
  { deps: { policy } }: LogoutAttempt,
  { claims: { ver: version, jti }, standing }: TokenWithState<RefreshClaims>,
): boolean => mayRotate(standing, { version, jti }, policy)

const endSessionsOfRequest = async (attempt: LogoutAttempt): Promise<LogoutResult> => {
  const [others, refresh] = await Promise.all([
    statesOf(attempt, attempt.request.bearers),
    statesOf(attempt, newestOfEach(attempt.request.refresh)),
  ])
  // Beside tokens of somebody else's it matters who the access token belongs to: one of its user
  // among them is what tells this logout from another user's.
  if (others.length === 0 && refresh.every((one) => isProof(attempt, one))) {
    return endSessionsOf(attempt, { bearers: others, refresh })
  }
  const beside = attempt.request.readBesideRefresh()
  const bearers = [...others, ...(await statesOf(attempt, beside.bearers))]
  const expired = [...attempt.request.expired, ...beside.expired]
  const request = { ...attempt.request, expired }
  return endSessionsOf({ ...attempt, request }, { bearers, refresh })
}

type Shown = Readonly<{
  bearers: readonly TokenWithState<BearerClaims>[]
  refresh: readonly TokenWithState<RefreshClaims>[]
}>

const endSessionsOf = async (
  attempt: LogoutAttempt,
  { bearers, refresh }: Shown,
): Promise<LogoutResult> => {
  const living = bearers.filter(({ state }) => state === 'living').map(({ claims }) => claims)
  const accessTokens = living.filter(({ token_type: kind }) => kind === 'access')
  const slidingTokens = living.filter(({ token_type: kind }) => kind === 'sliding')
  const refreshTokens = refresh.filter(({ state }) => state !== 'dead').map(({ claims }) => claims)
  const isUserOfAccessToken = ({ sub }: Claims): boolean =>
    accessTokens.some((access) => access.sub === sub)
  const owners = [...refreshTokens, ...slidingTokens]
  if (accessTokens.length > 0 && owners.length > 0 && !owners.some(isUserOfAccessToken)) {
    return { outcome: 'other_user' }
  }
  const proven = refresh.filter((one) => isProof(attempt, one)).map(({ claims }) => claims)
  const provenSids = new Set(
    [
      ...proven,
      ...refreshTokens.filter(isUserOfAccessToken),
      ...slidingTokens,
      ...accessTokens,
    ].map(({ sid }) => sid),
  )
  const newestOf = new Map(
    [...bearers, ...refresh].map(({ claims: { sid }, standing }) => [sid, standing.newest]),
  )
  const ended = await Promise.all([
    ...refreshTokens
      .filter(({ sid }) => !provenSids.has(sid))
      .map((claims) => endByRefreshToken(attempt, claims)),
    ...[...provenSids].map((sid) => endBySessionId(attempt, sid, newestOf.get(sid) ?? null)),
  ])
  const dead = [...bearers, ...refresh].filter(({ state }) => state === 'dead')
  const wasDead = await publishDeadSessions(
    attempt,
    dead.map(({ claims }) => claims),
  )
  const deliveries = deliveriesOf(ended)
  if (deliveries.length > 0)
    return { outcome: 'logged_out', delivery: combinedDelivery(deliveries) }
  return {
    outcome: 'refused',
    sessionDead: wasDead || ended.some(({ sessionDead }) => sessionDead),
    reused: ended.some(({ reused }) => reused),
  }
}

/**
 * Ends every session of which the request carries a token that proves enough: a living access
 * token, a sliding token, or a refresh token that may rotate or is within its grace. Beside a
 * living access token of the same user, any refresh token that has not expired is enough. When
 * several requests end one session at once, each that came while the session lived is answered
 * that it is logged out.
 */
export const logout = async (
  deps: SessionDeps,
  request: LogoutRequest,
  logoutInFlight: LogoutInFlight,
): Promise<LogoutResult> => {
  try {
    return await endSessionsOfRequest({ deps, request, logoutInFlight })
  } finally {
    for (const { sid } of [...request.refresh, ...request.bearers])
      logoutInFlight.reportAlive(sid, false)
  }
}
