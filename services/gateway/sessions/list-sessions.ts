import type { SessionEntry } from '../../../shared/events/session-entry.ts'
import { type EpochMs, type SubjectId, sessionStream } from '../../../shared/kernel/ids.ts'
import type { SessionCursor } from '../../../shared/ports/session-list.ts'
import type { ReadContext } from '../publication/index.ts'
import type { Sessions } from './open-sessions.ts'
import { type SessionStatus, statusesOf, unknownEnd } from './session-status.ts'

export type ListedSession = SessionStatus & Readonly<{ entry: SessionEntry }>
export type SessionPage = Readonly<{
  sessions: readonly ListedSession[]
  /** The cursor of the next page; `null` at the end. */
  next: SessionCursor | null
}>

type PageRequest = Readonly<{ sub: SubjectId; after: SessionCursor | null; limit: number }>

const withoutCommit = ({ expiresAt, ended }: SessionEntry, now: EpochMs): SessionStatus => {
  if (ended) return { status: 'ended', expiresAt, ended }
  // A session without a commit that has not expired is dead: the store was restored.
  const status = expiresAt <= now ? 'expired' : 'ended'
  return { status, expiresAt, ended: status === 'ended' ? unknownEnd : null }
}

const cursorOf = ({ sid, first }: SessionEntry): SessionCursor | null =>
  first && { at: first.at, sid }

/**
 * One page of a user's sessions, newest start first. The session list, which follows the log, says
 * which sessions there are; the event store says whether each lives, so a revocation shows at once.
 */
export const listSessions = async (
  {
    sessions: { list },
    context,
  }: Readonly<{ sessions: Pick<Sessions, 'list'>; context: ReadContext }>,
  { sub, after, limit }: PageRequest,
): Promise<SessionPage> => {
  const found = await list.page(sub, after, limit + 1)
  const page = found.slice(0, limit)
  const newestCommits = await context.store.heads(page.map(({ sid }) => sessionStream(sid)))
  const statuses = await statusesOf(context, newestCommits)
  const now = context.storeClock.now()
  const sessions = page.flatMap((entry, index) => {
    const session = newestCommits[index]?.session
    // Folded from events: with CURFEW_UNSIGNED_EVENTS=accept an entry may be forged.
    if (session && session.sub !== sub) return []
    return [{ entry, ...(statuses[index] ?? withoutCommit(entry, now)) }]
  })
  const last = page.at(-1)
  return { sessions, next: found.length > limit && last ? cursorOf(last) : null }
}
