import type { Commit, NewCommit } from '../../../shared/events/commit.ts'
import type { Actor, Origin } from '../../../shared/events/event.ts'
import { newClaim } from '../../../shared/kernel/entropy.ts'
import { type SessionId, sessionStream } from '../../../shared/kernel/ids.ts'
import { endSession, isLive, type SessionEndReason } from '../../../shared/session/end-session.ts'
import type { GatewayParts } from '../parts.ts'
import { actOn } from '../publication/actor-of-change.ts'
import { contend, type Move } from '../publication/optimistic-append.ts'
import type { Appending } from './append-cutoff.ts'
import { type Delivery, deliver } from './delivery.ts'

export type EndResult =
  | Readonly<{ outcome: 'ended'; delivery: Delivery }>
  /** There never was such a session, or its stream has expired: nothing to end. */
  | Readonly<{ outcome: 'unknown' }>

export type End = Readonly<{
  sid: SessionId
  reason: Exclude<SessionEndReason, 'reuse'>
  origin: Origin
  /** On whose word, where the request does not say it. */
  actor?: Actor
}>

/** Appends the end of a session, or finds it; `null` when there is no such session. */
export const appendSessionEnd = (
  parts: Appending,
  { sid, reason, origin, actor }: End,
): Promise<NewCommit | null> => {
  const { store, storeClock, entropy } = parts
  const claim = newClaim(entropy)
  return contend(parts, async (): Promise<Move<NewCommit | null>> => {
    const [newest = null] = await store.heads([sessionStream(sid)])
    if (!isLive(newest) || newest.claim === claim) return { result: newest }
    const isAsked = reason === 'revoked' && actor === undefined
    const by = isAsked ? actOn(parts, newest.session.sub) : { actor: actor ?? null }
    const command = { reason, now: storeClock.now(), claim, origin, actor: by.actor }
    return { insert: endSession(newest, command), won: (commit) => commit }
  })
}

/**
 * Ends a session by its id. Answers `ended` also when somebody else ended it meanwhile: the caller
 * authenticated while it lived, and the death it finds is delivered before the answer.
 */
export const endSessionById = async (parts: GatewayParts, end: End): Promise<EndResult> => {
  const commit = await appendSessionEnd(parts, end)
  if (!commit) return { outcome: 'unknown' }
  return { outcome: 'ended', delivery: await delivered(parts, commit) }
}

const isPublished = (commit: NewCommit): commit is Commit =>
  'published' in commit && (commit as Commit).published !== null

/** Delivers a revocation that may have been told before. */
export const delivered = async (parts: GatewayParts, commit: NewCommit): Promise<Delivery> => {
  if (!isPublished(commit) || !commit.published) return deliver(parts, commit)
  const { logId, offset } = commit.published
  return { status: 'acknowledged', position: `${logId}:${offset}` }
}

/**
 * Publishes a dead session's end before anybody is told that it is dead (decision 0073: a dead
 * session is answered before its end is published).
 */
export const publishEnd = async (parts: GatewayParts, sid: SessionId): Promise<void> => {
  const [newest = null] = await parts.store.heads([sessionStream(sid)])
  if (newest && newest.session?.status === 'dead' && !newest.published) await deliver(parts, newest)
}
