import type { AuditPlace } from '../../../shared/ports/audit-index.ts'
import { eventBody } from '../audit/index.ts'
import type { FoundSession } from './find-sessions.ts'
import type { SessionLife } from './life-of-session.ts'

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
