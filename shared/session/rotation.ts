import type { Commit, Epoch, PairSession } from '../events/commit.ts'
import { event, type Origin } from '../events/event.ts'
import { type Claim, type EpochMs, msOf, secondsOf, type TokenId } from '../kernel/ids.ts'
import { completeCommit } from './complete-commit.ts'
import { isBelowCutoff } from './cutoffs-in-force.ts'
import { isLivePair, type LivePair } from './end-session.ts'
import { issuedAccess, issuedPair, type Opened, type TokenIds } from './open-session.ts'
import {
  commitExpiry,
  expiryOf,
  recentMax,
  requestLifeMsMax,
  revocationMarginMs,
  type SessionPolicy,
} from './session-policy.ts'

type Rotate = Readonly<{
  arrival: EpochMs
  now: EpochMs
  ids: TokenIds
  claim: Claim
  origin: Origin
}>

const newAccess = (session: PairSession, { arrival, ids }: Rotate, policy: SessionPolicy) => {
  const iat = secondsOf(arrival)
  const exp = expiryOf(iat, policy.accessLifetimeMs, session.startedAt, policy)
  return { jti: ids.access, iat, exp }
}

const greater = <T extends number>(a: T, b: T): T => (a > b ? a : b)

const recentAfter = (
  session: PairSession,
  now: EpochMs,
  policy: SessionPolicy,
): PairSession['recent'] => {
  if (policy.graceMs === 0) return []
  // Kept beyond the grace, since a request that came within it may still be waiting in a gateway.
  const keepMs = policy.graceMs + requestLifeMsMax
  const { version, token } = session.current
  const kept = session.recent.filter(({ at }) => now - at < keepMs)
  // Those that were rotated before blacklisting was switched off keep their grace.
  if (!policy.blacklistAfterRotation) return kept
  return [...kept, { version, jti: token.jti, at: now }].slice(-recentMax)
}

const unlistedAfter = (
  { unlisted, current }: PairSession,
  next: number,
  policy: SessionPolicy,
): PairSession['unlisted'] => {
  if (policy.blacklistAfterRotation) return unlisted
  if (unlisted === null) return { from: current.version, to: next }
  if (unlisted.to === current.version) return { ...unlisted, to: next }
  // Switched off once more: which of the older ones were never blacklisted is not kept apart.
  return { from: current.version, to: next, plainBelow: unlisted.to }
}

/** Sealed claims belong to one commit; its successor's tokens carry their own. */
const unsealed = ({ sealed: _, ...session }: PairSession): PairSession => session

/** The commit, with what its tokens were told. @throws AuthError COMMIT_TOO_LARGE */
export const addSealedClaims = (
  whole: Opened<PairSession>,
  sealed: string,
): Opened<PairSession> => {
  const session = { ...whole.session, sealed }
  return completeCommit({ ...whole, session })
}

/** A new pair: the current refresh token ends, its successor becomes current. */
export const rotation = (
  newest: LivePair,
  request: Rotate,
  policy: SessionPolicy,
): Opened<PairSession> => {
  const { session: before } = newest
  const { now, claim, origin, arrival, ids } = request
  const version = newest.id.v + 1
  const access = newAccess(before, request, policy)
  const iat = secondsOf(arrival)
  const exp = expiryOf(iat, policy.refreshLifetimeMs, before.startedAt, policy)
  const refresh = { jti: ids.refresh, iat, exp }
  const replaced = before.current.token
  const session: PairSession = {
    ...unsealed(before),
    current: { version, token: refresh },
    access,
    recent: recentAfter(before, now, policy),
    unlisted: unlistedAfter(before, version, policy),
    accessExpMax: greater(before.accessExpMax, access.exp),
    expMax: greater(before.expMax, greater(access.exp, refresh.exp)),
  }
  const rotated = event('TokenRevoked', {
    scope: 'token',
    key: `jti:${replaced.jti}`,
    reason: 'rotated',
    cutoff: null,
    sub: before.sub,
    sid: before.sid,
    revokedAt: now,
    expiresAt: (msOf(replaced.exp) + revocationMarginMs) as EpochMs,
    refresh: null,
    actor: { by: 'user', id: before.sub },
    ...origin,
  })
  const issued = issuedPair(session, { cause: 'refresh', replaces: replaced.jti, origin })
  return completeCommit({
    id: { s: newest.id.s, v: version },
    at: now,
    events: policy.blacklistAfterRotation ? [rotated, ...issued] : issued,
    claim,
    session,
    expiresAt: commitExpiry(session.expMax),
  })
}

/** Rotation is off: a new access token; the refresh token stays current. */
export const renewAccessToken = (
  newest: LivePair,
  request: Rotate,
  policy: SessionPolicy,
): Opened<PairSession> => {
  const { session: before } = newest
  const access = newAccess(before, request, policy)
  const session: PairSession = {
    ...unsealed(before),
    access,
    accessExpMax: greater(before.accessExpMax, access.exp),
    expMax: greater(before.expMax, access.exp),
  }
  return completeCommit({
    id: { s: newest.id.s, v: newest.id.v + 1 },
    at: request.now,
    events: [issuedAccess(session, { cause: 'refresh', replaces: null, origin: request.origin })],
    claim: request.claim,
    session,
    expiresAt: commitExpiry(session.expMax),
  })
}

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
