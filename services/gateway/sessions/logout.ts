import type { Origin } from '../../../shared/events/event.ts'
import { type EpochMs, type SessionId, sessionStream } from '../../../shared/kernel/ids.ts'
import { isBelow } from '../../../shared/session/cutoffs.ts'
import { isLive } from '../../../shared/session/end-session.ts'
import type { BearerClaims, RefreshClaims } from '../../../shared/tokens/claims.ts'
import {
  combinedDelivery,
  type Delivery,
  endSessionById,
  publishEnd,
  readStanding,
} from '../revocations/index.ts'
import { blacklistToken, diedSince } from './blacklist-token.ts'
import type { LogoutInFlight } from './logouts-in-flight.ts'
import type { SessionDeps } from './session-deps.ts'

type Claims = BearerClaims | RefreshClaims

/** Every authentic token of a request. */
export type LogoutRequest = Readonly<{
  refresh: readonly RefreshClaims[]
  /** Access tokens that are in time, and sliding tokens as long as they may be renewed. */
  bearers: readonly BearerClaims[]
  /** Too old to end anything; that their session is dead may still be known. */
  expired: readonly Claims[]
  origin: Origin
  arrival: EpochMs
}>

export type LogoutResult =
  | Readonly<{ outcome: 'left'; delivery: Delivery }>
  /** A living access token, and refresh tokens of other people only: neither is touched. */
  | Readonly<{ outcome: 'mixed' }>
  /** `reused`: a session ended, since a token of it was presented after its grace. */
  | Readonly<{ outcome: 'refused'; sessionDead: boolean; reused: boolean }>

type Look = Readonly<{ deps: SessionDeps; leaving: LogoutRequest; departing: LogoutInFlight }>
/** `spent`: its session lives, and this token was ended alone. */
type Standing = 'living' | 'spent' | 'dead'
type Stood<C> = Readonly<{ claims: C; standing: Standing }>

const standingOf = async (
  { deps, leaving, departing }: Look,
  claims: Claims,
): Promise<Standing> => {
  const { sid, sub, client_id: client, jti } = claims
  const { newest, cutoffs, tokenEnded } = await readStanding(deps.context.store, {
    sid,
    sub,
    client,
    jti,
  })
  if (isLive(newest) && !isBelow(newest.session.epoch, cutoffs)) {
    if (tokenEnded) return 'spent'
    departing.found(sid, true)
    return 'living'
  }
  if (tokenEnded) return 'dead'
  return diedSince(newest, leaving.arrival) || (await departing.cameInTime(sid)) ? 'living' : 'dead'
}

const stood = <C extends Claims>(look: Look, all: readonly C[]): Promise<readonly Stood<C>[]> =>
  Promise.all(all.map(async (claims) => ({ claims, standing: await standingOf(look, claims) })))

/** Of one session the newest: a browser that holds an older one beside it is no thief. */
export const newestOfEach = (refresh: readonly RefreshClaims[]): readonly RefreshClaims[] => {
  const bySid = new Map<SessionId, RefreshClaims>()
  for (const claims of refresh) {
    const known = bySid.get(claims.sid)
    if (!known || claims.ver > known.ver) bySid.set(claims.sid, claims)
  }
  return [...bySid.values()]
}

type Gone = Readonly<{ delivery: Delivery | null; sessionDead: boolean; reused: boolean }>

const endOne = async ({ deps, leaving: { origin } }: Look, sid: SessionId): Promise<Gone> => {
  const result = await endSessionById(deps, { sid, reason: 'logout', origin })
  return result.outcome === 'ended'
    ? { delivery: result.delivery, sessionDead: true, reused: false }
    : { delivery: null, sessionDead: true, reused: false }
}

const endByRefresh = async (look: Look, claims: RefreshClaims): Promise<Gone> => {
  const { origin, arrival } = look.leaving
  const result = await blacklistToken(look.deps, { claims, origin, arrival }, look.departing)
  switch (result.outcome) {
    case 'ended':
      return { delivery: result.delivery, sessionDead: true, reused: false }
    case 'reused':
      return { delivery: null, sessionDead: true, reused: true }
    case 'refused':
      return { delivery: null, sessionDead: result.sessionDead, reused: false }
  }
}

const deliveries = (gone: readonly Gone[]): readonly Delivery[] =>
  gone.flatMap(({ delivery }) => delivery ?? [])

/** Dead sessions of tokens that are no proof any more; their ends are told before the answer. */
const deadAmong = async ({ deps, leaving }: Look, dead: readonly Claims[]): Promise<boolean> => {
  const streams = leaving.expired.map(({ sid }) => sessionStream(sid))
  const heads = await deps.context.store.heads(streams)
  const ended = leaving.expired.filter((_, index) => !isLive(heads[index] ?? null))
  const sids = new Set([...dead, ...ended].map(({ sid }) => sid))
  await Promise.all([...sids].map((sid) => publishEnd(deps, sid)))
  return sids.size > 0
}

const endAll = async (look: Look): Promise<LogoutResult> => {
  const { leaving } = look
  const [bearers, refresh] = await Promise.all([
    stood(look, leaving.bearers),
    stood(look, newestOfEach(leaving.refresh)),
  ])
  const living = bearers.filter(({ standing }) => standing === 'living').map(({ claims }) => claims)
  const callers = living.filter(({ token_type: kind }) => kind === 'access')
  const sliding = living.filter(({ token_type: kind }) => kind === 'sliding')
  const renewing = refresh.filter(({ standing }) => standing !== 'dead').map(({ claims }) => claims)
  const isVouched = ({ sub }: Claims): boolean => callers.some((caller) => caller.sub === sub)
  const owners = [...renewing, ...sliding]
  if (callers.length > 0 && owners.length > 0 && !owners.some(isVouched)) {
    return { outcome: 'mixed' }
  }
  const vouched = new Set(
    [...renewing.filter(isVouched), ...sliding, ...callers].map(({ sid }) => sid),
  )
  const gone = await Promise.all([
    ...renewing.filter(({ sid }) => !vouched.has(sid)).map((one) => endByRefresh(look, one)),
    ...[...vouched].map((sid) => endOne(look, sid)),
  ])
  const dead = [...bearers, ...refresh].filter(({ standing }) => standing === 'dead')
  const wasDead = await deadAmong(
    look,
    dead.map(({ claims }) => claims),
  )
  const told = deliveries(gone)
  if (told.length > 0) return { outcome: 'left', delivery: combinedDelivery(told) }
  return {
    outcome: 'refused',
    sessionDead: wasDead || gone.some(({ sessionDead }) => sessionDead),
    reused: gone.some(({ reused }) => reused),
  }
}

/**
 * Ends every session that a request presents a token of. A refresh token that may rotate, or is
 * within its grace, is proof enough, and so are a sliding token and a living access token; beside a
 * living access token of the same person any refresh token in time is. One session is ended by
 * several requests at once, and each is told so that came while it lived.
 */
export const logout = async (
  deps: SessionDeps,
  leaving: LogoutRequest,
  departing: LogoutInFlight,
): Promise<LogoutResult> => {
  try {
    return await endAll({ deps, leaving, departing })
  } finally {
    for (const { sid } of [...leaving.refresh, ...leaving.bearers]) departing.found(sid, false)
  }
}
