import type { Commit, NewCommit } from '../../../shared/events/commit.ts'
import type { Actor, Origin } from '../../../shared/events/event.ts'
import { newClaim } from '../../../shared/kernel/entropy.ts'
import { type SessionId, sessionStream } from '../../../shared/kernel/ids.ts'
import { endSession, isLive, type SessionEndReason } from '../../../shared/session/end-session.ts'
import { actorOfChange, appendOptimistically, type Decision } from '../publication/index.ts'
import type { CutoffDeps } from './append-cutoff.ts'
import { type Delivery, type DeliveryDeps, deliver, receiptsOf } from './deliver-revocation.ts'

export type EndResult =
  | Readonly<{ outcome: 'ended'; delivery: Delivery }>
  /** There was no such session, or its stream has expired. */
  | Readonly<{ outcome: 'unknown' }>

export type SessionEnd = Readonly<{
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
