import {
  type Commit,
  type Epoch,
  isSliding,
  type NewCommit,
  type PairSession,
} from '../events/commit.ts'
import { type AuthEvent, event, gatewayActor, type Origin } from '../events/event.ts'
import type { Claim, EpochMs, TokenId } from '../kernel/ids.ts'
import { isBelowCutoff } from './cutoffs-in-force.ts'
import { endSession, isLivePair, type LivePair } from './end-session.ts'
import type { Opened, TokenIds } from './open-session.ts'
import { renewAccessToken, rotation } from './rotation.ts'
import { recentMax, type SessionPolicy } from './session-policy.ts'

export type Refresh = Readonly<{
  /** What the presented, authentic refresh token says of itself. */
  token: Readonly<{ version: number; jti: TokenId }>
  /** When the request came: grace is judged by it, however long the gateway took since. */
  arrival: EpochMs
  now: EpochMs
  ids: TokenIds
  claim: Claim
  origin: Origin
  /**
   * Answer to an earlier `look_up`: when the token was replaced; `null` = longer ago than commits
   * are kept.
   */
  replacedAt?: EpochMs | null
  /** Whether the token was named by its id: that ends its session as soon as it is presented. */
  tokenEnded?: boolean
}>

export type RefreshDecision =
  | Readonly<{ decide: 'insert'; commit: Opened<PairSession>; rotated: boolean }>
  /** Within the grace, successor unused: the same successor again. */
  | Readonly<{ decide: 'replay'; session: PairSession }>
  /** Within the grace, successor used: 409, nothing revoked, nothing cleared. */
  | Readonly<{ decide: 'superseded' }>
  | Readonly<{ decide: 'reuse'; commit: NewCommit }>
  /** Its own revocation is what it meets: the session ends, and nothing was reused. */
  | Readonly<{ decide: 'revoked'; commit: NewCommit }>
  | Readonly<{ decide: 'refused'; why: 'dead' | 'unlisted' }>
  /**
   * No such stream, or one that does not hold this token: 401 and an alarm, never an insert
   * (decision 0073: a blind insert, and commits that expire early).
   */
  | Readonly<{ decide: 'refused'; why: 'unknown' }>
  /** Ask the stream when this version's token was replaced, then decide again. */
  | Readonly<{ decide: 'look_up'; version: number }>

/**
 * What becomes of a refresh token. Pure: the same newest commit, cutoffs and request give the same
 * decision. Each rule has a counterexample in docs/decisions/0073; see also 0003.
 */
export const decideRefresh = (
  newest: Commit | null,
  cutoffs: Epoch,
  request: Refresh,
  policy: SessionPolicy,
): RefreshDecision => {
  const decision = decideUnnamed(newest, cutoffs, request, policy)
  return request.tokenEnded && isLivePair(newest) && wouldLive(decision)
    ? { decide: 'revoked', commit: ending(newest, request, 'revoked') }
    : decision
}

/** Dead, unknown and reused stay what they are, so that a thief is told from a revocation. */
const wouldLive = (decision: RefreshDecision): boolean =>
  decision.decide === 'insert' ||
  decision.decide === 'replay' ||
  decision.decide === 'superseded' ||
  (decision.decide === 'refused' && decision.why === 'unlisted')

const decideUnnamed = (
  newest: Commit | null,
  cutoffs: Epoch,
  request: Refresh,
  policy: SessionPolicy,
): RefreshDecision => {
  const { token } = request
  if (!newest?.session || isSliding(newest.session) || newest.id.v < token.version) {
    return { decide: 'refused', why: 'unknown' }
  }
  if (!isLivePair(newest) || isBelowCutoff(newest.session.epoch, cutoffs)) {
    return { decide: 'refused', why: 'dead' }
  }
  // A leeway at `exp` must not bring tokens that are born expired.
  if (request.arrival >= newest.session.startedAt + policy.sessionMaxLifetimeMs - 1_000) {
    return { decide: 'refused', why: 'dead' }
  }
  const { current } = newest.session
  if (token.version > current.version) return { decide: 'refused', why: 'unknown' }
  if (token.version === current.version) {
    return token.jti === current.token.jti
      ? proceed(newest, request, policy)
      : { decide: 'refused', why: 'unknown' }
  }
  return decideOlder(newest, request, policy)
}

const proceed = (newest: LivePair, request: Refresh, policy: SessionPolicy): RefreshDecision =>
  policy.rotate
    ? { decide: 'insert', commit: rotation(newest, request, policy), rotated: true }
    : { decide: 'insert', commit: renewAccessToken(newest, request, policy), rotated: false }

const decideOlder = (
  newest: LivePair,
  request: Refresh,
  policy: SessionPolicy,
): RefreshDecision => {
  const { session } = newest
  const { token, arrival } = request
  const withinGrace = (at: EpochMs): boolean => arrival - at < policy.graceMs
  const known = session.recent.find((one) => one.version === token.version)
  if (known && known.jti !== token.jti) return { decide: 'refused', why: 'unknown' }
  if (known) {
    if (!withinGrace(known.at)) return reuse(newest, request)
    // What was rotated last without blacklisting is no entry of `recent`.
    const isListed = session.unlisted?.to !== session.current.version
    const isDirect = isListed && known === session.recent.at(-1)
    const successorUnused = newest.id.v === session.current.version
    return isDirect && successorUnused ? { decide: 'replay', session } : { decide: 'superseded' }
  }
  if (session.unlisted && token.version < session.unlisted.to) {
    const decision = decideUnlisted(newest, session.unlisted, request, policy)
    if (decision) return decision
  }
  if (request.replacedAt !== undefined) {
    const { replacedAt } = request
    return replacedAt !== null && withinGrace(replacedAt)
      ? { decide: 'superseded' }
      : reuse(newest, request)
  }
  const oldest = session.recent[0]
  const listIsFull = session.recent.length >= recentMax
  return listIsFull && oldest && token.version < oldest.version && withinGrace(oldest.at)
    ? { decide: 'look_up', version: token.version }
    : reuse(newest, request)
}

/** `null` when the token was rotated with blacklisting, so that it is judged as any other. */
const decideUnlisted = (
  newest: LivePair,
  { from, to, plainBelow = 0 }: NonNullable<PairSession['unlisted']>,
  request: Refresh,
  policy: SessionPolicy,
): RefreshDecision | null => {
  const { version } = request.token
  const isGood = version >= from && version < to && !policy.blacklistAfterRotation
  if (isGood) return proceed(newest, request, policy)
  const isHarmless = version >= from || version < plainBelow
  return isHarmless ? { decide: 'refused', why: 'unlisted' } : null
}

const reuse = (newest: LivePair, request: Refresh): RefreshDecision => {
  const { sid, sub } = newest.session
  const { token, origin } = request
  const detected = event('ReuseDetected', { sub, sid, ...token, ...origin })
  return { decide: 'reuse', commit: ending(newest, request, 'reuse', [detected]) }
}

/** Whether a session's end was told together with a reuse (I2). */
export const tellsReuse = ({ events }: NewCommit): boolean =>
  events.some(({ type }) => type === 'ReuseDetected')

const ending = (
  newest: LivePair,
  { now, claim, origin }: Refresh,
  reason: 'reuse' | 'revoked',
  alongside: readonly AuthEvent[] = [],
): NewCommit => endSession(newest, { reason, now, claim, origin, actor: gatewayActor, alongside })

/**
 * From the commits after `version`, oldest first: when its token was replaced; `null` when they are
 * gone.
 */
export const replacementInstant = (
  version: number,
  later: readonly Commit[],
): EpochMs | null | 'read_on' => {
  if (later.length === 0 || later[0]?.id.v !== version + 1) return null
  const isOther = ({ session }: Commit): boolean =>
    session !== null && !isSliding(session) && session.current.version !== version
  const replacing = later.find(isOther)
  return replacing ? replacing.at : 'read_on'
}
