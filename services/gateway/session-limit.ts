import type { Origin } from '../../shared/events/event.ts'
import type { LiveSession } from '../../shared/events/live-session.ts'
import { liveSessionOf } from '../../shared/events/live-session.ts'
import { fraction } from '../../shared/kernel/entropy.ts'
import { AuthError } from '../../shared/kernel/errors.ts'
import {
  isTokenId,
  type SessionId,
  type SubjectId,
  sessionStream,
} from '../../shared/kernel/ids.ts'
import { stillLiving } from './living-sessions.ts'
import { appendSessionEnd } from './logout.ts'
import type { GatewayParts } from './parts.ts'

type Opened = Readonly<{ sub: SubjectId; sid: SessionId; origin: Origin }>

/** How far back the list is asked for sessions from before there was a limit. */
const listedMax = 100
const separator = ' '

const nameOf = (sub: SubjectId): string => `sessions:${sub}`
const sidsIn = (text: string): readonly SessionId[] =>
  text.split(separator).filter((one) => isTokenId(one)) as readonly string[] as readonly SessionId[]

/**
 * Sessions from before there was a limit, or while it was switched off. The list is behind the log,
 * so it says nothing of logins at once: those are registered.
 */
const listed = async (
  { sessions, storeClock }: GatewayParts,
  sub: SubjectId,
): Promise<readonly SessionId[]> => {
  const entries = await sessions.page(sub, null, listedMax)
  const now = storeClock.now()
  return entries
    .filter(({ ended, expiresAt }) => ended === null && expiresAt > now)
    .map(({ sid }) => sid)
}

const livingOf = async (
  parts: GatewayParts,
  sub: SubjectId,
  sids: ReadonlySet<SessionId>,
): Promise<readonly LiveSession[]> => {
  const now = parts.storeClock.now()
  const heads = await parts.store.heads([...sids].map(sessionStream))
  const alive = heads.flatMap((head) => liveSessionOf(head?.session, now))
  // `auth.events` carries no MAC: what the list names may be another's.
  return stillLiving(
    parts,
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

const endOldest = async (
  parts: GatewayParts,
  oldest: readonly LiveSession[],
  origin: Origin,
): Promise<void> => {
  const ends = oldest.map(async ({ sid }) => {
    const commit = await appendSessionEnd(parts, { sid, reason: 'session_limit', origin })
    if (commit && !('published' in commit)) parts.publisher.hand(commit)
  })
  await Promise.all(ends)
}

/**
 * Keeps a user within CURFEW_MAX_SESSIONS: the oldest others end. To be called when the session is
 * in the store and nobody has its tokens yet. The sessions of a user are registered under one name
 * that is compared and set, and whoever is left out of it was ended before; so of any number of
 * logins at once no more than `max` live, in whichever gateway they are.
 * @throws AuthError STORE_CONTENDED at the deadline, and what the store throws: nobody logs in.
 */
export const keepWithinLimit = async (parts: GatewayParts, opened: Opened): Promise<void> => {
  const { store, clock, entropy, deadlineMs, maxSessions } = parts
  if (maxSessions === 0) return
  const name = nameOf(opened.sub)
  const startedMs = clock.monotonicMs()
  const before = await listed(parts, opened.sub)
  for (let waitMs = 1; ; waitMs = Math.min(waitMs * 2, 64)) {
    const known = await store.agree(name, '')
    const sids = new Set([...sidsIn(known), ...before, opened.sid])
    const living = await livingOf(parts, opened.sub, sids)
    const oldest = excess(living, opened, maxSessions)
    await endOldest(parts, oldest, opened.origin)
    const kept = living.filter((one) => !oldest.includes(one)).map(({ sid }) => sid)
    const next = [...new Set([...kept, opened.sid])].join(separator)
    if (next === known || (await store.agree(name, next, known)) === next) return
    if (clock.monotonicMs() - startedMs > deadlineMs) {
      throw new AuthError('STORE_CONTENDED', `${name} is contended`, { retryAfterMs: 1_000 })
    }
    await clock.sleep(waitMs * fraction(entropy))
  }
}
