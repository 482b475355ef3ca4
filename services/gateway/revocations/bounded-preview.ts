import { AuthError } from '../../../shared/kernel/errors.ts'
import type { SessionId, SubjectId } from '../../../shared/kernel/ids.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import type { SessionCursor } from '../../../shared/ports/session-list.ts'
import type { GatewayParts } from '../parts.ts'
import { livingOf, registeredOf } from '../sessions/session-limit.ts'
import type { RevocationTarget } from './append-revocation.ts'
import { type Counted, livingSessions } from './living-sessions.ts'
import { idOfTarget, previewOf } from './preview.ts'

type Parts = Pick<
  GatewayParts,
  'store' | 'storeClock' | 'sessions' | 'clock' | 'deadlineMs' | 'maxSessions'
>
type Whose = Extract<RevocationTarget, { scope: 'client' | 'all' }>

const pageSize = 100

const tooLong = (): AuthError =>
  new AuthError('OVERLOADED', 'there are too many sessions to count in time', {
    retryAfterMs: 1_000,
  })

/** @throws AuthError OVERLOADED once the request's time is over. */
const deadlineOf = ({ clock, deadlineMs }: Parts): (() => void) => {
  const startedMs = clock.monotonicMs()
  return () => {
    if (clock.monotonicMs() - startedMs > deadlineMs) throw tooLong()
  }
}

/**
 * How many sessions of one user live, but for `kept`. Anybody may ask it of themselves, so it costs
 * what that user has, never a walk over everybody's. The list is behind the log: a session that was
 * opened just now may be missing.
 */
export const countOwn = async (
  parts: Parts,
  sub: SubjectId,
  kept: SessionId | null = null,
): Promise<number> => {
  const requireTime = deadlineOf(parts)
  const living = async (sids: ReadonlySet<SessionId>): Promise<void> => {
    for (const { sid } of await livingOf(parts, sub, sids)) counted.add(sid)
  }
  const counted = new Set<SessionId>()
  await living(new Set(await registeredOf(parts, sub)))
  let after: SessionCursor | null = null
  do {
    requireTime()
    const page = await parts.sessions.page(sub, after, pageSize)
    await living(new Set(page.filter(({ ended }) => ended === null).map(({ sid }) => sid)))
    const last = page.length < pageSize ? undefined : page.at(-1)
    after = last?.first ? { at: last.first.at, sid: last.sid } : null
  } while (after !== null)
  if (kept !== null) counted.delete(kept)
  return counted.size
}

const walked = async (parts: Parts, whose: Whose): Promise<Counted> => {
  const requireTime = deadlineOf(parts)
  const users = new Set<SubjectId>()
  let sessions = 0
  for await (const page of livingSessions(parts, whose)) {
    requireTime()
    sessions += page.length
    for (const { sub } of page) users.add(sub)
  }
  return { sessions, users: users.size }
}

type Walk = Readonly<{ key: string; counted: Promise<Counted> }>
const walks = new WeakMap<EventStore, Walk>()

/** One walk at a time over a store: who asks the same shares it, who asks another waits for it. */
const sharedWalk = async (parts: Parts, whose: Whose): Promise<Counted> => {
  const requireTime = deadlineOf(parts)
  const key = `${whose.scope} ${idOfTarget(whose) ?? ''}`
  for (let running = walks.get(parts.store); running; running = walks.get(parts.store)) {
    if (running.key === key) return running.counted
    await running.counted.catch(() => {})
    requireTime()
  }
  const counted = walked(parts, whose).finally(() => walks.delete(parts.store))
  walks.set(parts.store, { key, counted })
  return counted
}

/**
 * As `previewOf`, for requests: many at once cost no more than one.
 * @throws AuthError OVERLOADED past the deadline.
 */
export const boundedPreviewOf = async (
  parts: Parts,
  target: RevocationTarget,
): Promise<Counted> => {
  if (target.scope === 'client' || target.scope === 'all') return sharedWalk(parts, target)
  if (target.scope !== 'subject') return previewOf(parts, target)
  const sessions = await countOwn(parts, target.sub)
  return { sessions, users: sessions && 1 }
}
