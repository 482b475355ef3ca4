import {
  type Commit,
  isSliding,
  type NewCommit,
  type PairSession,
  type SessionState,
  type SlidingSession,
} from '../events/commit.ts'
import {
  type Actor,
  type AuthEvent,
  type EventData,
  event,
  gatewayActor,
  type Origin,
  type RevocationReason,
} from '../events/event.ts'
import type { Claim, EpochMs } from '../kernel/ids.ts'
import { completeCommit } from './complete-commit.ts'
import { revocationExpiry } from './session-policy.ts'

/** What ends one session alone. */
export type SessionEndReason = Extract<
  RevocationReason,
  'logout' | 'reuse' | 'revoked' | 'logged_in_again' | 'session_limit'
>

export type EndSession = Readonly<{
  reason: SessionEndReason
  now: EpochMs
  claim: Claim
  origin: Origin
  /** On whose word; of a logout, it is the user's without it, and of a limit the gateway's. */
  actor?: Actor | null
  /** Told in the same commit, before the revocation. */
  alongside?: readonly AuthEvent[]
}>

export type LiveCommit = Commit & Readonly<{ session: SessionState }>
export const isLive = (newest: Commit | null): newest is LiveCommit =>
  newest?.session?.status === 'live'

/** The newest commit of a live session with access and refresh tokens. */
export type LivePair = Commit & Readonly<{ session: PairSession }>
export const isLivePair = (newest: Commit | null): newest is LivePair =>
  isLive(newest) && !isSliding(newest.session)

export type LiveSliding = Commit & Readonly<{ session: SlidingSession }>
export const isLiveSliding = (newest: Commit | null): newest is LiveSliding =>
  isLive(newest) && isSliding(newest.session)

/** The refresh token that ends with the session; a sliding session has none. */
const refreshOf = (session: SessionState): EventData<'TokenRevoked'>['refresh'] => {
  if (isSliding(session)) return null
  const { jti, exp } = session.current.token
  return { jti, exp }
}

const ownActor = (reason: SessionEndReason, { sub }: SessionState): Actor | null => {
  if (reason === 'session_limit') return gatewayActor
  return reason === 'logout' ? { by: 'user', id: sub } : null
}

/** The commit that ends a live session, by its id and never by a presented token. Pure. */
export const endSession = (
  newest: LiveCommit,
  { reason, now, claim, origin, actor, alongside = [] }: EndSession,
): NewCommit => {
  const { session } = newest
  const revoked = event('TokenRevoked', {
    scope: 'session',
    key: `sid:${session.sid}`,
    reason,
    cutoff: null,
    sub: session.sub,
    sid: session.sid,
    revokedAt: now,
    expiresAt: revocationExpiry(session),
    refresh: refreshOf(session),
    actor: actor ?? ownActor(reason, session),
    ...origin,
  })
  return completeCommit({
    id: { s: newest.id.s, v: newest.id.v + 1 },
    at: now,
    events: [...alongside, revoked],
    claim,
    session: { ...session, status: 'dead' },
    expiresAt: newest.expiresAt,
  })
}
