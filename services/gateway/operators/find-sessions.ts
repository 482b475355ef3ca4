import type { EventData } from '../../../shared/events/event.ts'
import { type EpochMs, msOf, type SessionId, sessionStream } from '../../../shared/kernel/ids.ts'
import type { AuditPlace } from '../../../shared/ports/audit-index.ts'
import { type Asking, type Page, pageOf } from '../audit/index.ts'
import type { ReadContext } from '../publication/index.ts'
import {
  type AgeDeps,
  eventsOf,
  type Known,
  mapEach,
  sessionAge,
  sessionEnd,
} from '../questions/index.ts'
import { type SessionStatus, statusesOf } from '../sessions/index.ts'

export const sessionStates: readonly SessionStatus['status'][] = ['alive', 'ended', 'expired']

/** What is wanted; all that is given must hold. */
export type SessionFilter = Readonly<{
  /** By id. */
  user: string | null
  client: string | null
  /** Where the login came from. */
  address: string | null
  /** A part of the agent of the login, in any case. */
  agent: string | null
  state: SessionStatus['status'] | null
}>

export type FoundSession = SessionStatus &
  Readonly<{
    sid: SessionId
    sub: string
    client: string
    kind: 'pair' | 'sliding'
    began: EpochMs
    address: string | null
    agent: string | null
    /** Its last login, refresh or renewal; `null` once its commits are gone, or it ended. */
    lastUsed: EpochMs | null
    /** Of its login; `null` where nobody fills the index of events. */
    event: string | null
  }>

export type FoundSessions = Readonly<{
  sessions: readonly FoundSession[]
  next: AuditPlace | null
}>

export type FindDeps = Readonly<{
  context: ReadContext
  audit: Asking
  policy: AgeDeps['policy']
}>
type Login = Known<'TokenIssued'>

/** Logins that one page looks at: where few fit, a page is short and has a `next`. */
const lookedAtMax = 2_000

const hasAgent = ({ agent }: EventData<'TokenIssued'>, wanted: string | null): boolean =>
  wanted === null || (agent ?? '').toLowerCase().includes(wanted.toLowerCase())

/** Of a session whose commits housekeeping deleted: what events say of it. */
const statusFromEvents = async (
  { audit, context: { storeClock } }: FindDeps,
  { data: { sid, exp } }: Login,
): Promise<SessionStatus> => {
  const end = await sessionEnd(audit, sid)
  const expiresAt = msOf(exp)
  if (end) return { status: 'ended', expiresAt, ended: { at: end.at, reason: end.data.reason } }
  // One that has not expired and has no commit is dead: the store was restored.
  if (expiresAt <= storeClock.now()) return { status: 'expired', expiresAt, ended: null }
  return { status: 'ended', expiresAt, ended: { at: null, reason: null } }
}

/** Sessions of these logins, with whether each lives. */
export const foundOf = async (
  deps: FindDeps,
  logins: readonly Login[],
): Promise<readonly FoundSession[]> => {
  if (logins.length === 0) return []
  const heads = await deps.context.store.heads(logins.map(({ data }) => sessionStream(data.sid)))
  const statuses = await statusesOf(deps.context, heads)
  return mapEach(
    logins.map((login, index) => ({ login, index })),
    async ({ login, index }) => {
      const { sid, sub, client, kind, address, agent } = login.data
      const head = heads[index]
      const status = statuses[index] ?? (await statusFromEvents(deps, login))
      return {
        ...{ sid, sub, client, kind: kind === 'sliding' ? 'sliding' : 'pair', address, agent },
        ...status,
        ...{ began: login.at, event: login.id },
        lastUsed: head?.session?.status === 'live' ? head.at : null,
      }
    },
  )
}

/**
 * One page of the sessions of all users, by when they began. The index of events finds their
 * logins, and the event store says whether each lives. So it costs as much as it looks at, however
 * many sessions there are. @throws AuthError AUDIT_UNFILLED, STORE_UNAVAILABLE
 */
export const findSessions = async (
  deps: FindDeps,
  { agent, state, ...named }: SessionFilter,
  page: Page,
): Promise<FoundSessions> => {
  const now = deps.context.storeClock.now()
  // No session is older that lives.
  const oldest = async (): Promise<EpochMs> => {
    const began = await (await sessionAge(deps.audit, deps)).beginningOf(now)
    return Math.max(began, page.since ?? 0) as EpochMs
  }
  const since = state === 'alive' ? await oldest() : page.since
  const sessions: FoundSession[] = []
  let after = page.after
  for (let left = lookedAtMax; left > 0; ) {
    const limit = Math.min(left, page.limit - sessions.length)
    const read = await pageOf(
      deps.audit,
      { ...named, step: 'login' },
      { ...page, since, after, limit },
    )
    const logins = eventsOf(read.events, 'TokenIssued').filter(({ data }) => hasAgent(data, agent))
    const found = await foundOf(deps, logins)
    sessions.push(...found.filter(({ status }) => state === null || status === state))
    after = read.next
    if (after === null || sessions.length >= page.limit) break
    left -= Math.max(1, read.events.length)
  }
  return { sessions, next: after }
}
