import { isAuthError } from '../../../shared/kernel/errors.ts'
import { type SessionId, sessionStream } from '../../../shared/kernel/ids.ts'
import type { AuditPlace } from '../../../shared/ports/audit-index.ts'
import {
  type Asking,
  eventBody,
  firstOf,
  type Page,
  pageOf,
  type ReadEvent,
} from '../audit/index.ts'
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

const time = (at: number): string => new Date(at).toISOString()
const timeOrNull = (at: number | null): string | null => (at === null ? null : time(at))
type Names = ReadonlyMap<string, string>

/** As `GET /sessions/search` and `curfew sessions find --json` show it. */
export const foundSessionBody = (
  { sid, sub, client, began, ended, ...session }: FoundSession,
  names: Names,
) => ({
  ...{ sid, user: sub, username: names.get(sub) ?? null },
  ...{ client_id: client, kind: session.kind, status: session.status },
  started: { at: time(began), address: session.address, agent: session.agent },
  last_used_at: timeOrNull(session.lastUsed),
  expires_at: time(session.expiresAt),
  ended: ended && { at: timeOrNull(ended.at), reason: ended.reason },
  event: session.event,
})

type Told = Readonly<{
  session: FoundSession
  names: Names
  current: boolean
  life: SessionLife | null
}>

/** As `GET /sessions/{sid}` and `curfew sessions life --json` show it. */
export const toldSessionBody = (
  { session, names, current, life }: Told,
  placeText: (place: AuditPlace) => string,
) => ({
  session: { ...foundSessionBody(session, names), current },
  life: life && {
    events: life.events.map(eventBody),
    next: life.next && placeText(life.next),
    cutoff: life.cutoff,
    refusals: life.refusals.map(({ client, instance, name, count, ...took }) => ({
      ...{ client, instance, name, count },
      ...{ p50_ms: took.p50Ms, p99_ms: took.p99Ms, max_ms: took.maxMs },
    })),
  },
})
