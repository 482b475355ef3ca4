import type { Origin } from '../../../shared/events/event.ts'
import type { LiveSession } from '../../../shared/events/live-session.ts'
import { liveSessionOf } from '../../../shared/events/live-session.ts'
import { fraction } from '../../../shared/kernel/entropy.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import {
  isTokenId,
  type SessionId,
  type SubjectId,
  sessionStream,
} from '../../../shared/kernel/ids.ts'
import type { CommandContext } from '../publication/index.ts'
import { appendSessionEnd, stillLiving } from '../revocations/index.ts'
import type { Sessions } from './open-sessions.ts'
import type { SessionDeps } from './session-deps.ts'

type Opened = Readonly<{ sub: SubjectId; sid: SessionId; origin: Origin }>

/** How far back the list is asked for sessions from before there was a limit. */
const listedMax = 100
const separator = ' '

const nameOf = (sub: SubjectId): string => `sessions:${sub}`
const sidsIn = (text: string): readonly SessionId[] =>
  text.split(separator).filter((one) => isTokenId(one)) as readonly string[] as readonly SessionId[]

/** Those that logins registered; none without CURFEW_MAX_SESSIONS. */
export const registeredOf = async (
  {
    context: { store },
    sessions: { maxSessions },
  }: Readonly<{ context: CommandContext; sessions: Pick<Sessions, 'maxSessions'> }>,
  sub: SubjectId,
): Promise<readonly SessionId[]> =>
  maxSessions === 0 ? [] : sidsIn(await store.agree(nameOf(sub), ''))

/**
 * Sessions from before there was a limit, or while it was switched off. The list is behind the log,
 * so it says nothing of logins at once: those are registered.
 */
const listed = async (
  { sessions: { list: sessions }, context: { storeClock } }: SessionDeps,
  sub: SubjectId,
): Promise<readonly SessionId[]> => {
  const entries = await sessions.page(sub, null, listedMax)
  const now = storeClock.now()
  return entries
    .filter(({ ended, expiresAt }) => ended === null && expiresAt > now)
    .map(({ sid }) => sid)
}

/** Which of `sids` live and are of `sub`: two reads of the store, however many others there are. */
export const livingOf = async (
  deps: Readonly<{ context: CommandContext }>,
  sub: SubjectId,
  sids: ReadonlySet<SessionId>,
): Promise<readonly LiveSession[]> => {
  const now = deps.context.storeClock.now()
  const heads = await deps.context.store.heads([...sids].map(sessionStream))
  const alive = heads.flatMap((head) => liveSessionOf(head?.session, now))
  // `auth.events` carries no MAC: what the list names may be another's.
  return stillLiving(
    deps,
    alive.filter((session) => session.sub === sub),
  )
}

/** Who has to go for a new one; oldest first. */
const excess = (
  living: readonly LiveSession[],
  { sid }: Opened,
  max: number,
): readonly LiveSession[] => {
  const others = living.filter((one) => one.sid !== sid).sort((a, b) => a.startedAt - b.startedAt)
  return others.slice(0, Math.max(0, others.length + 1 - max))
}

/**
 * Registers a session that is in the store and whose tokens nobody has yet, with the others of its
 * user: one name that is compared and set. Whoever is left out of it was dead before, and of two
 * logins at once the later one sees the other; so of any number no more than `max` live when each
 * has ended the oldest of those it saw, in whichever gateway they are.
 * @returns All that were alive then, the new one among them; nothing without a limit.
 * @throws AuthError STORE_CONTENDED at the deadline, and what the store throws: nobody logs in.
 */
export const countSession = async (
  deps: SessionDeps,
  opened: Opened,
): Promise<ReadonlySet<SessionId>> => {
  const {
    context: { store, clock, entropy, deadlineMs },
    sessions: { maxSessions },
  } = deps
  if (maxSessions === 0) return new Set()
  const name = nameOf(opened.sub)
  const startedMs = clock.monotonicMs()
  const before = await listed(deps, opened.sub)
  for (let waitMs = 1; ; waitMs = Math.min(waitMs * 2, 64)) {
    const known = await store.agree(name, '')
    const sids = new Set([...sidsIn(known), ...before, opened.sid])
    const living = await livingOf(deps, opened.sub, sids)
    const counted = new Set([...living.map(({ sid }) => sid), opened.sid])
    const next = [...counted].join(separator)
    if (next === known || (await store.agree(name, next, known)) === next) return counted
    if (clock.monotonicMs() - startedMs > deadlineMs) {
      throw new AuthError('STORE_CONTENDED', `${name} is contended`, { retryAfterMs: 1_000 })
    }
    await clock.sleep(waitMs * fraction(entropy))
  }
}

/** Keeps a user within CURFEW_MAX_SESSIONS: the oldest others of those that were counted end. */
export const endOldest = async (
  deps: SessionDeps,
  opened: Opened,
  counted: ReadonlySet<SessionId>,
): Promise<void> => {
  if (counted.size <= deps.sessions.maxSessions) return
  const living = await livingOf(deps, opened.sub, counted)
  const { origin } = opened
  const ends = excess(living, opened, deps.sessions.maxSessions).map(async ({ sid }) => {
    const commit = await appendSessionEnd(deps, { sid, reason: 'session_limit', origin })
    if (commit && !('published' in commit)) deps.publisher.enqueue(commit)
  })
  await Promise.all(ends)
}
