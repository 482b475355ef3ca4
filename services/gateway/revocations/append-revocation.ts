import type { Commit, NewCommit } from '../../../shared/events/commit.ts'
import { type Actor, event, type Origin } from '../../../shared/events/event.ts'
import { newClaim } from '../../../shared/kernel/entropy.ts'
import {
  type EpochMs,
  type SessionId,
  sessionStream,
  type TokenId,
  tokenStream,
} from '../../../shared/kernel/ids.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import { completeCommit } from '../../../shared/session/complete-commit.ts'
import type { CutoffTarget } from '../../../shared/session/cutoff-commit.ts'
import { endSession, isLive, type SessionEndReason } from '../../../shared/session/end-session.ts'
import { cutoffExpiry, type SessionPolicy } from '../../../shared/session/session-policy.ts'
import { actorOfChange, appendOptimistically, type Decision } from '../publication/index.ts'
import { appendCutoff, type CutoffDeps, longestLifetimeInForce } from './append-cutoff.ts'
import { type Delivery, type DeliveryDeps, deliver, receiptsOf } from './deliver-revocation.ts'

type EndResult =
  | Readonly<{ outcome: 'ended'; delivery: Delivery }>
  /** There was no such session, or its stream has expired. */
  | Readonly<{ outcome: 'unknown' }>

type SessionEnd = Readonly<{
  sid: SessionId
  reason: Exclude<SessionEndReason, 'reuse'>
  origin: Origin
  /** Its newest commit, read a moment ago: spares reading it while it lives and is the newest. */
  newest?: Commit | null
  /** Who causes it; without it, the actor of this context for a `revoked` session, else nobody. */
  actor?: Actor
}>

/** Appends the end of a session, or returns the newest commit of a dead one; `null` without one. */
export const appendSessionEnd = (
  deps: CutoffDeps,
  { sid, reason, origin, actor, newest: read = null }: SessionEnd,
): Promise<NewCommit | null> => {
  const { store, storeClock, entropy } = deps.context
  const claim = newClaim(entropy)
  let known = read
  return appendOptimistically(deps, async (): Promise<Decision<NewCommit | null>> => {
    const [newest = null] = isLive(known) ? [known] : await store.heads([sessionStream(sid)])
    known = null
    if (!isLive(newest) || newest.claim === claim) return { result: newest }
    const isRequested = reason === 'revoked' && actor === undefined
    const act = isRequested ? actorOfChange(deps, newest.session.sub) : { actor: actor ?? null }
    const command = { reason, now: storeClock.now(), claim, origin, actor: act.actor }
    return { insert: endSession(newest, command), onInserted: (commit) => commit }
  })
}

/**
 * Ends a session by its id, and waits for the log. Answers `ended` also when another request has
 * ended it meanwhile: that end is then delivered before the answer.
 */
export const endSessionById = async (
  deps: CutoffDeps & DeliveryDeps,
  end: SessionEnd,
): Promise<EndResult> => {
  const commit = await appendSessionEnd(deps, end)
  if (!commit) return { outcome: 'unknown' }
  return { outcome: 'ended', delivery: await deliverUnlessPublished(deps, commit) }
}

const isPublished = (commit: NewCommit): commit is Commit =>
  'published' in commit && (commit as Commit).published !== null

/** Delivers a revocation, unless it has been published before. */
export const deliverUnlessPublished = async (
  deps: DeliveryDeps,
  commit: NewCommit,
): Promise<Delivery> => {
  if (!isPublished(commit) || !commit.published) return deliver(deps, commit)
  const { logId, offset } = commit.published
  const receipts = receiptsOf(deps, commit)
  return { status: 'acknowledged', position: `${logId}:${offset}`, receipts }
}

/**
 * Publishes the end of a dead session, before an answer says that it is dead (decision 0073: a dead
 * session is answered before its end is published).
 */
export const publishEnd = async (deps: DeliveryDeps, sid: SessionId): Promise<void> => {
  const [newest = null] = await deps.context.store.heads([sessionStream(sid)])
  if (newest && newest.session?.status === 'dead' && !newest.published) await deliver(deps, newest)
}

const keptMs = 86_400_000

/** A token to end, and until when readers of the log must remember that. */
type EndedToken = Readonly<{ jti: TokenId; expiresAt: EpochMs }>

/** Until when this commit makes readers of the log remember the token's end. */
const rememberedUntil = ({ events }: NewCommit): number => {
  const [revoked] = events
  return revoked?.type === 'TokenRevoked' ? revoked.data.expiresAt : 0
}

/**
 * Ends one token, by a commit on the token's own stream. If it is ended again with a later expiry,
 * a second commit says so: another issuer may give the same id to a second token. The stream
 * outlives every token of a session, since the id may be that of a refresh token.
 */
export const appendTokenEnd = async (
  deps: CutoffDeps,
  token: EndedToken,
  origin: Origin,
): Promise<NewCommit> => {
  const { policy } = deps
  const { store, storeClock, entropy } = deps.context
  const claim = newClaim(entropy)
  const stream = tokenStream(token.jti)
  return appendOptimistically(deps, async (): Promise<Decision<NewCommit>> => {
    const [newest = null] = await store.heads([stream])
    if (newest && rememberedUntil(newest) >= token.expiresAt) return { result: newest }
    const now = storeClock.now()
    const revoked = event('TokenRevoked', {
      scope: 'token',
      key: `jti:${token.jti}`,
      reason: 'revoked',
      cutoff: null,
      sub: null,
      sid: null,
      revokedAt: now,
      expiresAt: token.expiresAt,
      refresh: null,
      actor: deps.context.act().actor,
      ...origin,
    })
    const until = Math.max(token.expiresAt, now + policy.sessionMaxLifetimeMs)
    const expiresAt = (until + keptMs) as EpochMs
    const id = { s: stream, v: (newest?.id.v ?? -1) + 1 }
    const end = completeCommit({ id, at: now, events: [revoked], claim, expiresAt })
    return { insert: end, onInserted: (appended) => appended }
  })
}

/** What a revocation may end. */
export type RevocationTarget =
  | (Readonly<{ scope: 'token' }> & EndedToken)
  | Readonly<{ scope: 'session'; sid: SessionId }>
  | CutoffTarget

/** The id in a target; `null` for everyone. */
export const idOfTarget = (target: RevocationTarget): string | null => {
  switch (target.scope) {
    case 'token':
      return target.jti
    case 'session':
      return target.sid
    case 'subject':
      return target.sub
    case 'client':
      return target.client
    case 'all':
      return null
  }
}

/**
 * Appends one commit that ends what `target` names. `null` when there is no such session.
 * Rejects with STORE_UNAVAILABLE, STORE_CONTENDED.
 */
export const appendRevocation = (
  deps: CutoffDeps,
  target: RevocationTarget,
  origin: Origin,
): Promise<NewCommit | null> => {
  switch (target.scope) {
    case 'token':
      return appendTokenEnd(deps, target, origin)
    case 'session':
      return appendSessionEnd(deps, { sid: target.sid, reason: 'revoked', origin })
    default:
      return appendCutoff(deps, { target, reason: 'revoked', origin })
  }
}

/** Until when the end of a token must be remembered if only its id is known. */
export const latestTokenExpiry = async (
  store: EventStore,
  policy: SessionPolicy,
  now: EpochMs,
): Promise<EpochMs> => cutoffExpiry(now, await longestLifetimeInForce(store, policy))
