import type { Commit, NewCommit } from '../../../shared/events/commit.ts'
import type { Actor, Origin } from '../../../shared/events/event.ts'
import { newClaim } from '../../../shared/kernel/entropy.ts'
import { type SessionId, sessionStream } from '../../../shared/kernel/ids.ts'
import { endSession, isLive, type SessionEndReason } from '../../../shared/session/end-session.ts'
import { actorOfChange, appendOptimistically, type Decision } from '../publication/index.ts'
import type { CutoffDeps } from './append-cutoff.ts'
import { type Delivery, type DeliveryDeps, deliver } from './delivery.ts'

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
  deps: CutoffDeps,
  { sid, reason, origin, actor }: End,
): Promise<NewCommit | null> => {
  const {
    context: { store, storeClock, entropy },
  } = deps
  const claim = newClaim(entropy)
  return appendOptimistically(deps, async (): Promise<Decision<NewCommit | null>> => {
    const [newest = null] = await store.heads([sessionStream(sid)])
    if (!isLive(newest) || newest.claim === claim) return { result: newest }
    const isAsked = reason === 'revoked' && actor === undefined
    const by = isAsked ? actorOfChange(deps, newest.session.sub) : { actor: actor ?? null }
    const command = { reason, now: storeClock.now(), claim, origin, actor: by.actor }
    return { insert: endSession(newest, command), onInserted: (commit) => commit }
  })
}

/**
 * Ends a session by its id. Answers `ended` also when somebody else ended it meanwhile: the caller
 * authenticated while it lived, and the death it finds is delivered before the answer.
 */
export const endSessionById = async (
  deps: CutoffDeps & DeliveryDeps,
  end: End,
): Promise<EndResult> => {
  const commit = await appendSessionEnd(deps, end)
  if (!commit) return { outcome: 'unknown' }
  return { outcome: 'ended', delivery: await deliverUnlessPublished(deps, commit) }
}

const isPublished = (commit: NewCommit): commit is Commit =>
  'published' in commit && (commit as Commit).published !== null

/** Delivers a revocation that may have been told before. */
export const deliverUnlessPublished = async (
  deps: DeliveryDeps,
  commit: NewCommit,
): Promise<Delivery> => {
  if (!isPublished(commit) || !commit.published) return deliver(deps, commit)
  const { logId, offset } = commit.published
  return { status: 'acknowledged', position: `${logId}:${offset}` }
}

/**
 * Publishes a dead session's end before anybody is told that it is dead (decision 0073: a dead
 * session is answered before its end is published).
 */
export const publishEnd = async (deps: DeliveryDeps, sid: SessionId): Promise<void> => {
  const [newest = null] = await deps.context.store.heads([sessionStream(sid)])
  if (newest && newest.session?.status === 'dead' && !newest.published) await deliver(deps, newest)
}
