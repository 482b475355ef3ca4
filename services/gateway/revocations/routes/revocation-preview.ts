import type { Context } from 'koa'
import { AuthError } from '../../../../shared/kernel/errors.ts'
import type { SessionId, SubjectId } from '../../../../shared/kernel/ids.ts'
import type { EventStore } from '../../../../shared/ports/event-store.ts'
import type { SessionCursor } from '../../../../shared/ports/session-list.ts'
import type { Caller } from '../../accounts/index.ts'
import { fieldProblem } from '../../http/index.ts'
import type { CommandContext } from '../../publication/index.ts'
import { livingSessionsAmong, registeredSessions, type Sessions } from '../../sessions/index.ts'
import {
  idOfTarget,
  livingSessions,
  previewRevocation,
  type RevocationTarget,
  type SessionCount,
} from '../index.ts'

type PreviewDeps = Readonly<{
  context: CommandContext
  sessions: Pick<Sessions, 'list' | 'maxSessions'>
}>
type Whose = Extract<RevocationTarget, { scope: 'client' | 'all' }>

const pageSize = 100

const tooLong = (): AuthError =>
  new AuthError('OVERLOADED', 'there are too many sessions to count in time', {
    retryAfterMs: 1_000,
  })

/** Starts the time of a request. The function throws AuthError OVERLOADED once it is over. */
const startDeadline = ({ context: { clock, deadlineMs } }: PreviewDeps): (() => void) => {
  const startedMs = clock.monotonicMs()
  return () => {
    if (clock.monotonicMs() - startedMs > deadlineMs) throw tooLong()
  }
}

/**
 * How many sessions of one user are alive, not counting `kept`. Every user may ask this, so the
 * cost depends on that user's sessions alone. The session list follows the log, so a session that
 * was opened this moment may be missing.
 */
const countSessionsOf = async (
  deps: PreviewDeps,
  sub: SubjectId,
  kept: SessionId | null = null,
): Promise<number> => {
  const requireTime = startDeadline(deps)
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

const countAll = async (deps: PreviewDeps, whose: Whose): Promise<SessionCount> => {
  const requireTime = startDeadline(deps)
  const users = new Set<SubjectId>()
  let sessions = 0
  for await (const page of livingSessions(deps, whose)) {
    requireTime()
    sessions += page.length
    for (const { sub } of page) users.add(sub)
  }
  return { sessions, users: users.size }
}

type RunningCount = Readonly<{ key: string; counted: Promise<SessionCount> }>
const runningCounts = new WeakMap<EventStore, RunningCount>()

/**
 * Counts one target at a time over a store. A request for the same target shares the running count;
 * one for another target waits for it.
 */
const countOnce = async (deps: PreviewDeps, whose: Whose): Promise<SessionCount> => {
  const requireTime = startDeadline(deps)
  const key = `${whose.scope} ${idOfTarget(whose) ?? ''}`
  for (
    let running = runningCounts.get(deps.context.store);
    running;
    running = runningCounts.get(deps.context.store)
  ) {
    if (running.key === key) return running.counted
    await running.counted.catch(() => {})
    requireTime()
  }
  const counted = countAll(deps, whose).finally(() => runningCounts.delete(deps.context.store))
  runningCounts.set(deps.context.store, { key, counted })
  return counted
}

/** Whether `?preview=true` came. @throws Refusal 400 where it is neither true nor false. */
export const isPreviewAsked = ({ query }: Context): boolean => {
  const { preview = 'false' } = query
  if (preview === 'true' || preview === 'false') return preview === 'true'
  throw fieldProblem('preview', 'Must be true or false.')
}

export type UserCaller = Extract<Caller, { kind: 'user' }>

/** Answers how many of the caller's sessions would end, were the present one kept. */
export const previewOthers = async (
  deps: PreviewDeps,
  ctx: Context,
  { user: { sub }, claims }: UserCaller,
): Promise<void> => {
  const others = await countSessionsOf(deps, sub, claims.sid)
  ctx.body = { preview: true, scope: 'others', id: sub, sessions: others, users: others && 1 }
}

/**
 * As `previewRevocation`, for HTTP requests: many at once cost no more than one.
 * @throws AuthError OVERLOADED past the deadline.
 */
export const boundedPreview = async (
  deps: PreviewDeps,
  target: RevocationTarget,
): Promise<SessionCount> => {
  if (target.scope === 'client' || target.scope === 'all') return countOnce(deps, target)
  if (target.scope !== 'subject') return previewRevocation(deps, target)
  const sessions = await countSessionsOf(deps, target.sub)
  return { sessions, users: sessions && 1 }
}
