import type { Origin } from '../../../shared/events/event.ts'
import { type LiveSession, liveSessionOf } from '../../../shared/events/live-session.ts'
import { fraction } from '../../../shared/kernel/entropy.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import {
  isTokenId,
  type SessionId,
  type SubjectId,
  sessionStream,
} from '../../../shared/kernel/ids.ts'
import type { CommandContext } from '../publication/index.ts'
import { appendSessionEnd, withoutCutOff } from '../revocations/index.ts'
import type { SessionDeps, Sessions } from './open-sessions.ts'

type Opened = Readonly<{ sub: SubjectId; sid: SessionId; origin: Origin }>

/** How many sessions are read from the session list, which knows those older than the limit. */
const listPageMax = 100
const separator = ' '

const agreementName = (sub: SubjectId): string => `sessions:${sub}`
const parseSids = (text: string): readonly SessionId[] =>
  text.split(separator).filter((sid) => isTokenId(sid)) as readonly string[] as readonly SessionId[]

/** The sessions that logins registered; none where CURFEW_MAX_SESSIONS is 0. */
export const registeredSessions = async (
  {
    context: { store },
    sessions: { maxSessions },
  }: Readonly<{ context: CommandContext; sessions: Pick<Sessions, 'maxSessions'> }>,
  sub: SubjectId,
): Promise<readonly SessionId[]> =>
  maxSessions === 0 ? [] : parseSids(await store.agree(agreementName(sub), ''))

/**
 * The session list also has sessions from before there was a limit, or while it was off. It follows
 * the log, so it misses logins of this moment; those are registered.
 */
const sessionsInList = async (
  { sessions: { list: sessions }, context: { storeClock } }: SessionDeps,
  sub: SubjectId,
): Promise<readonly SessionId[]> => {
  const entries = await sessions.page(sub, null, listPageMax)
  const now = storeClock.now()
  return entries
    .filter(({ ended, expiresAt }) => ended === null && expiresAt > now)
    .map(({ sid }) => sid)
}

/** Those of `sids` that are alive and belong to `sub`. Cost: two reads of the store. */
export const livingSessionsAmong = async (
  deps: Readonly<{ context: CommandContext }>,
  sub: SubjectId,
  sids: ReadonlySet<SessionId>,
): Promise<readonly LiveSession[]> => {
  const now = deps.context.storeClock.now()
  const heads = await deps.context.store.heads([...sids].map(sessionStream))
  const alive = heads.flatMap((head) => liveSessionOf(head?.session, now))
  // With CURFEW_UNSIGNED_EVENTS=accept the list may name a session of another user.
  return withoutCutOff(
    deps,
    alive.filter((session) => session.sub === sub),
  )
}

/** The sessions that must end to make room for the new one, oldest first. */
const oldestBeyondLimit = (
  living: readonly LiveSession[],
  { sid }: Opened,
  max: number,
): readonly LiveSession[] => {
  const others = living
    .filter((session) => session.sid !== sid)
    .sort((a, b) => a.startedAt - b.startedAt)
  return others.slice(0, Math.max(0, others.length + 1 - max))
}

/**
 * Adds a new session to the user's list of living sessions, which is one agreement in the store,
 * changed by compare-and-set. The session's first commit is in the store, and nobody has its tokens
 * yet. Sessions that are dead leave the list. Of two logins at once the later one sees the earlier
 * one, so when each has ended the oldest sessions that it saw, no more than the limit are alive,
 * whichever gateways they used.
 * @returns All sessions that were alive then, with the new one; nothing without a limit.
 * @throws AuthError STORE_CONTENDED at the deadline, and what the store throws; the login fails.
 */
export const registerSession = async (
  deps: SessionDeps,
  opened: Opened,
): Promise<ReadonlySet<SessionId>> => {
  const { store, clock, entropy, deadlineMs } = deps.context
  const { maxSessions } = deps.sessions
  if (maxSessions === 0) return new Set()
  const name = agreementName(opened.sub)
  const startedMs = clock.monotonicMs()
  const listed = await sessionsInList(deps, opened.sub)
  for (let waitMs = 1; ; waitMs = Math.min(waitMs * 2, 64)) {
    const known = await store.agree(name, '')
    const sids = new Set([...parseSids(known), ...listed, opened.sid])
    const living = await livingSessionsAmong(deps, opened.sub, sids)
    const registered = new Set([...living.map(({ sid }) => sid), opened.sid])
    const next = [...registered].join(separator)
    if (next === known || (await store.agree(name, next, known)) === next) return registered
    if (clock.monotonicMs() - startedMs > deadlineMs) {
      throw new AuthError('STORE_CONTENDED', `${name} is contended`, { retryAfterMs: 1_000 })
    }
    await clock.sleep(waitMs * fraction(entropy))
  }
}

/** Ends the oldest of the registered sessions beyond CURFEW_MAX_SESSIONS, but never the new one. */
export const endOldestSessions = async (
  deps: SessionDeps,
  opened: Opened,
  registered: ReadonlySet<SessionId>,
): Promise<void> => {
  if (registered.size <= deps.sessions.maxSessions) return
  const living = await livingSessionsAmong(deps, opened.sub, registered)
  const { origin } = opened
  const ends = oldestBeyondLimit(living, opened, deps.sessions.maxSessions).map(async ({ sid }) => {
    const commit = await appendSessionEnd(deps, { sid, reason: 'session_limit', origin })
    if (commit && !('published' in commit)) deps.publisher.enqueue(commit)
  })
  await Promise.all(ends)
}
