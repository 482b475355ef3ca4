import { AuthError } from '../../../../shared/kernel/errors.ts'
import type { SessionId, SubjectId } from '../../../../shared/kernel/ids.ts'
import type { EventStore } from '../../../../shared/ports/event-store.ts'
import type { SessionCursor } from '../../../../shared/ports/session-list.ts'
import type { CommandContext } from '../../publication/index.ts'
import { livingSessionsAmong, registeredSessions, type Sessions } from '../../sessions/index.ts'
import {
  type Counted,
  idOfTarget,
  livingSessions,
  previewOf,
  type RevocationTarget,
} from '../index.ts'

type Parts = Readonly<{ context: CommandContext; sessions: Pick<Sessions, 'list' | 'maxSessions'> }>
type Whose = Extract<RevocationTarget, { scope: 'client' | 'all' }>

const pageSize = 100

const tooLong = (): AuthError =>
  new AuthError('OVERLOADED', 'there are too many sessions to count in time', {
    retryAfterMs: 1_000,
  })

/** @throws AuthError OVERLOADED once the request's time is over. */
const deadlineOf = ({ context: { clock, deadlineMs } }: Parts): (() => void) => {
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
  deps: Parts,
  sub: SubjectId,
  kept: SessionId | null = null,
): Promise<number> => {
  const requireTime = deadlineOf(deps)
  const living = async (sids: ReadonlySet<SessionId>): Promise<void> => {
    for (const { sid } of await livingSessionsAmong(deps, sub, sids)) counted.add(sid)
  }
  const counted = new Set<SessionId>()
  await living(new Set(await registeredSessions(deps, sub)))
  let after: SessionCursor | null = null
  do {
    requireTime()
    const page = await deps.sessions.list.page(sub, after, pageSize)
    await living(new Set(page.filter(({ ended }) => ended === null).map(({ sid }) => sid)))
    const last = page.length < pageSize ? undefined : page.at(-1)
    after = last?.first ? { at: last.first.at, sid: last.sid } : null
  } while (after !== null)
  if (kept !== null) counted.delete(kept)
  return counted.size
}

const walked = async (deps: Parts, whose: Whose): Promise<Counted> => {
  const requireTime = deadlineOf(deps)
  const users = new Set<SubjectId>()
  let sessions = 0
  for await (const page of livingSessions(deps, whose)) {
    requireTime()
    sessions += page.length
    for (const { sub } of page) users.add(sub)
  }
  return { sessions, users: users.size }
}

type Walk = Readonly<{ key: string; counted: Promise<Counted> }>
const walks = new WeakMap<EventStore, Walk>()

/** One walk at a time over a store: who asks the same shares it, who asks another waits for it. */
const sharedWalk = async (deps: Parts, whose: Whose): Promise<Counted> => {
  const requireTime = deadlineOf(deps)
  const key = `${whose.scope} ${idOfTarget(whose) ?? ''}`
  for (
    let running = walks.get(deps.context.store);
    running;
    running = walks.get(deps.context.store)
  ) {
    if (running.key === key) return running.counted
    await running.counted.catch(() => {})
    requireTime()
  }
  const counted = walked(deps, whose).finally(() => walks.delete(deps.context.store))
  walks.set(deps.context.store, { key, counted })
  return counted
}

/**
 * As `previewOf`, for requests: many at once cost no more than one.
 * @throws AuthError OVERLOADED past the deadline.
 */
export const boundedPreviewOf = async (deps: Parts, target: RevocationTarget): Promise<Counted> => {
  if (target.scope === 'client' || target.scope === 'all') return sharedWalk(deps, target)
  if (target.scope !== 'subject') return previewOf(deps, target)
  const sessions = await countOwn(deps, target.sub)
  return { sessions, users: sessions && 1 }
}
