import { isAuthError } from '../../../shared/kernel/errors.ts'
import { type SessionId, sessionStream } from '../../../shared/kernel/ids.ts'
import type { AuditPlace } from '../../../shared/ports/audit-index.ts'
import { type Asking, firstOf, type Page, pageOf, type ReadEvent } from '../audit/index.ts'
import { eventsOf, type Measured, measuredAfter, sessionEnd } from '../questions/index.ts'
import { statusesOf } from '../sessions/index.ts'
import { type FindDeps, type FoundSession, foundOf } from './find-sessions.ts'

/** The life of a session as events tell it, from first to last. */
export type SessionLife = Readonly<{
  events: readonly ReadEvent[]
  next: AuditPlace | null
  /** What ended it, where that is on another stream: a cutoff of its user, client or everyone. */
  cutoff: string | null
  /** What guards measured in the minutes after its end: how long they took to refuse. */
  refusals: readonly Measured[]
}>

/** Where nobody fills the index, events are not known. */
const ifFilled = <T>(asked: Promise<T>): Promise<T | null> =>
  asked.catch((error: unknown) => {
    if (isAuthError(error, 'AUDIT_UNFILLED')) return null
    throw error
  })

/** A session by its id, as long as its commits or its events are there. */
export const sessionOfId = async (deps: FindDeps, sid: SessionId): Promise<FoundSession | null> => {
  const told = await ifFilled(
    firstOf(deps.audit, { session: sid, step: 'login' }, { order: 'oldest' }),
  )
  const [known] = await foundOf(deps, eventsOf(told ? [told] : [], 'TokenIssued'))
  if (known) return known
  const heads = await deps.context.store.heads([sessionStream(sid)])
  const [status] = await statusesOf(deps.context, heads)
  const head = heads[0]
  if (!head?.session || !status) return null
  const { sub, client, startedAt } = head.session
  return {
    ...{ sid, sub, client, ...status, began: startedAt, address: null, agent: null, event: null },
    kind: 'sliding' in head.session ? 'sliding' : 'pair',
    lastUsed: head.session.status === 'live' ? head.at : null,
  }
}

/**
 * One page of what happened to a session, and on the first one what ended it and how long guards
 * took then. `null`: nobody fills the index. @throws AuthError STORE_UNAVAILABLE
 */
export const lifeOfSession = async (
  asking: Asking,
  sid: SessionId,
  page: Pick<Page, 'after' | 'limit'>,
): Promise<SessionLife | null> => {
  const read = await ifFilled(pageOf(asking, { session: sid }, { ...page, order: 'oldest' }))
  if (read === null) return null
  const end = page.after === null ? await sessionEnd(asking, sid) : null
  const isOwn = end?.data.scope === 'session'
  return {
    ...read,
    cutoff: end === null || isOwn ? null : end.id,
    refusals: end === null ? [] : await measuredAfter(asking, end.at),
  }
}
