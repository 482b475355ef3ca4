import type { Epoch, IssuedToken, NewCommit, PairSession, SessionState } from '../events/commit.ts'
import { event, type Origin, type TokenIssued } from '../events/event.ts'
import {
  type Claim,
  type ClientId,
  type EpochMs,
  type SessionId,
  type SubjectId,
  secondsOf,
  sessionStream,
  type TokenId,
} from '../kernel/ids.ts'
import { completeCommit } from './complete-commit.ts'
import { commitExpiry, expiryOf, type SessionPolicy } from './session-policy.ts'

export type TokenIds = Readonly<{ access: TokenId; refresh: TokenId }>

/** What opens a session of either kind. */
export type Opening = Readonly<{
  sid: SessionId
  sub: SubjectId
  client: ClientId
  /**
   * The cutoffs as read **before** the password was verified: a stale read makes a session born
   * dead.
   */
  epoch: Epoch
  /**
   * The request's arrival, taken before any read: what is signed never outlives a cutoff's record.
   */
  arrival: EpochMs
  now: EpochMs
  claim: Claim
  origin: Origin
  /** See `SessionState`. */
  untilClosed?: boolean
  /** See `SessionState`. */
  authenticatedAt?: EpochMs
}>
export type OpenSession = Opening & Readonly<{ ids: TokenIds }>
/** A commit of a session, with the state that it leaves. */
export type Opened<State> = NewCommit & Readonly<{ session: State }>

export type IssuedFor = Readonly<{
  cause: 'login' | 'refresh'
  replaces: TokenId | null
  origin: Origin
}>

export const issue = (
  session: Pick<SessionState, 'sid' | 'sub' | 'client'>,
  kind: TokenIssued['data']['kind'],
  token: IssuedToken,
  rest: IssuedFor,
): TokenIssued => {
  const { sid, sub, client } = session
  const { jti, iat, exp } = token
  const { origin, ...told } = rest
  return event('TokenIssued', { kind, jti, iat, exp, sub, client, sid, ...told, ...origin })
}

/** The two `TokenIssued` of a pair, refresh first. */
export const issuedPair = (session: PairSession, rest: IssuedFor): readonly TokenIssued[] => [
  issue(session, 'refresh', session.current.token, rest),
  issue(session, 'access', session.access, { ...rest, replaces: null }),
]

export const issuedAccess = (session: PairSession, rest: IssuedFor): TokenIssued =>
  issue(session, 'access', session.access, rest)

/** The members that few sessions have. */
export const rareMembers = ({
  untilClosed,
  authenticatedAt,
}: Opening): Pick<SessionState, 'untilClosed' | 'authenticatedAt'> => ({
  ...(untilClosed && { untilClosed }),
  ...(authenticatedAt !== undefined && { authenticatedAt }),
})

/** Version 0 of a session's stream: the login's commit. Pure. */
export const openSession = (command: OpenSession, policy: SessionPolicy): Opened<PairSession> => {
  const { sid, sub, client, epoch, arrival, now, ids, claim, origin } = command
  const iat = secondsOf(arrival)
  const access = {
    jti: ids.access,
    iat,
    exp: expiryOf(iat, policy.accessLifetimeMs, arrival, policy),
  }
  const refresh = {
    jti: ids.refresh,
    iat,
    exp: expiryOf(iat, policy.refreshLifetimeMs, arrival, policy),
  }
  const expMax = access.exp > refresh.exp ? access.exp : refresh.exp
  const session: PairSession = {
    status: 'live',
    sid,
    sub,
    client,
    epoch,
    startedAt: arrival,
    current: { version: 0, token: refresh },
    access,
    recent: [],
    unlisted: null,
    accessExpMax: access.exp,
    expMax,
    ...rareMembers(command),
  }
  return completeCommit({
    id: { s: sessionStream(sid), v: 0 },
    at: now,
    events: issuedPair(session, { cause: 'login', replaces: null, origin }),
    claim,
    session,
    expiresAt: commitExpiry(expMax),
  })
}
