import type { Commit, Epoch, SlidingSession } from '../events/commit.ts'
import type { Origin } from '../events/event.ts'
import {
  type Claim,
  type EpochMs,
  type EpochSeconds,
  secondsOf,
  sessionStream,
  type TokenId,
} from '../kernel/ids.ts'
import { completeCommit } from './complete-commit.ts'
import { isBelowCutoff } from './cutoffs-in-force.ts'
import { isLiveSliding, type LiveSliding } from './end-session.ts'
import { issue, type Opened, type Opening, rareMembers } from './open-session.ts'
import { commitExpiry, expiryOf, type SessionPolicy } from './session-policy.ts'

export type OpenSliding = Opening & Readonly<{ jti: TokenId }>

const greater = <T extends number>(a: T, b: T): T => (a > b ? a : b)

/** Version 0 of a sliding session's stream: the login's commit. Pure. */
export const openSliding = (
  command: OpenSliding,
  policy: SessionPolicy,
): Opened<SlidingSession> => {
  const { sid, sub, client, epoch, arrival, now, jti, claim, origin } = command
  const iat = secondsOf(arrival)
  const exp = expiryOf(iat, policy.slidingLifetimeMs, arrival, policy)
  const refreshExp = expiryOf(iat, policy.slidingRefreshLifetimeMs, arrival, policy)
  const token = { jti, iat, exp }
  const session: SlidingSession = {
    status: 'live',
    sid,
    sub,
    client,
    epoch,
    startedAt: arrival,
    sliding: { token, refreshExp },
    accessExpMax: exp,
    expMax: exp,
    ...rareMembers(command),
  }
  return completeCommit({
    id: { s: sessionStream(sid), v: 0 },
    at: now,
    events: [issue(session, 'sliding', token, { cause: 'login', replaces: null, origin })],
    claim,
    session,
    expiresAt: commitExpiry(exp),
  })
}

export type Slide = Readonly<{
  /** The presented, authentic sliding token, in time by its `exp` and `refresh_exp`. */
  jti: TokenId
  /** Whether this token was ended alone; its successors share its id, so the session stays. */
  tokenEnded: boolean
  arrival: EpochMs
  now: EpochMs
  claim: Claim
  origin: Origin
}>

export type SlideDecision =
  | Readonly<{ decide: 'insert'; commit: Opened<SlidingSession> }>
  /** Renewed in this second, or later than this request came: that token is the answer. */
  | Readonly<{ decide: 'same'; session: SlidingSession }>
  | Readonly<{ decide: 'refused'; why: 'dead' }>
  /**
   * No such stream, or one of another token: 401 and an alarm, never an insert (decision 0073: a
   * blind insert, and commits that expire early).
   */
  | Readonly<{ decide: 'refused'; why: 'unknown' }>

/**
 * What becomes of a sliding token at its renewal. Its predecessors stay good until their `exp`, as
 * Simple-JWT leaves them, so losing a race is no offence and reuse cannot be seen. Pure.
 */
export const decideSlide = (
  newest: Commit | null,
  cutoffs: Epoch,
  request: Slide,
  policy: SessionPolicy,
): SlideDecision => {
  if (!newest?.session) return { decide: 'refused', why: 'unknown' }
  if (newest.session.status === 'dead') return { decide: 'refused', why: 'dead' }
  if (!isLiveSliding(newest) || newest.session.sliding.token.jti !== request.jti) {
    return { decide: 'refused', why: 'unknown' }
  }
  const { session } = newest
  // A leeway at `exp` must not bring tokens that are born expired.
  const isOver = request.arrival >= session.startedAt + policy.sessionMaxLifetimeMs - 1_000
  if (request.tokenEnded || isOver || isBelowCutoff(session.epoch, cutoffs)) {
    return { decide: 'refused', why: 'dead' }
  }
  const iat = secondsOf(request.arrival)
  return session.sliding.token.iat >= iat
    ? { decide: 'same', session }
    : { decide: 'insert', commit: renewal(newest, iat, request, policy) }
}

const renewal = (
  { id, session: before }: LiveSliding,
  iat: EpochSeconds,
  { now, claim, origin }: Slide,
  policy: SessionPolicy,
): Opened<SlidingSession> => {
  const exp = expiryOf(iat, policy.slidingLifetimeMs, before.startedAt, policy)
  const token = { jti: before.sliding.token.jti, iat, exp }
  const session: SlidingSession = {
    ...before,
    sliding: { ...before.sliding, token },
    accessExpMax: greater(before.accessExpMax, exp),
    expMax: greater(before.expMax, exp),
  }
  return completeCommit({
    id: { s: id.s, v: id.v + 1 },
    at: now,
    events: [issue(session, 'sliding', token, { cause: 'refresh', replaces: null, origin })],
    claim,
    session,
    expiresAt: commitExpiry(session.expMax),
  })
}
