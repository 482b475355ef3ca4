import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { AuditPlace } from '../../../shared/ports/audit-index.ts'
import { clocksMs, raceMs } from '../../../shared/session/session-policy.ts'
import {
  type Asking,
  eachOf,
  firstOf,
  type Page,
  pageOf,
  placeOf,
  placeText,
  type ReadEvent,
} from '../audit/index.ts'
import { judgeCutoff } from './cutoff-verdict.ts'
import { type End, isCutoff, pageOfEnds } from './ends-of-user.ts'
import { eventsOf } from './question-rows.ts'
import type { SessionAge } from './session-age.ts'

/** A token that was used, or got a successor, after what should have ended it. */
export type UsedAfter = Readonly<{ end: End; use: ReadEvent }>

export type UsedAfterPage = Readonly<{
  rows: readonly UsedAfter[]
  /** How many ends were looked at. */
  checked: number
  next: string | null
}>

/** An end whose sessions are being looked at, and the login behind which to go on. */
type Cursor = Readonly<{ end: AuditPlace | null; login: AuditPlace | null }>

const cursorText = ({ end, login }: Cursor): string =>
  [end, login].map((place) => (place ? placeText(place) : '')).join('~')

/** Of a cursor that an earlier page gave; `null` for what is none. */
export const usedAfterCursor = (text: string): Cursor | null => {
  const parts = text.split('~')
  const [end, login] = parts.map((part) => (part === '' ? null : (placeOf(part) ?? 'bad')))
  if (parts.length !== 2 || end === 'bad' || login === 'bad') return null
  return { end: end ?? null, login: login ?? null }
}

const versionOf = (id: string): number => Number(/:(\d+):\d+$/.exec(id)?.[1] ?? Number.NaN)
const later = (at: number, ms: number): EpochMs => Math.max(0, at + ms) as EpochMs

/** The first use of a session in its own stream, or a replay, after its end. */
const usedSession = async (asking: Asking, end: End): Promise<ReadEvent | null> => {
  const session = end.data.key.slice('sid:'.length)
  const ended = versionOf(end.id)
  const page = { order: 'oldest', limit: 16 } as const
  const issued = { session, kind: 'TokenIssued' } as const
  for await (const event of eachOf(asking, issued, { ...page, since: later(end.at, -clocksMs) })) {
    if (versionOf(event.id) > ended) return event
  }
  const replayed = { session, kind: 'GraceReplayed' } as const
  return firstOf(asking, replayed, { ...page, since: later(end.at, raceMs) })
}

const isUse = ({ event: { type, data } }: ReadEvent, jti: string): boolean =>
  (type === 'TokenIssued' && (data.replaces === jti || data.jti === jti)) ||
  (type === 'GraceReplayed' && data.jti === jti)

const usedToken = async (asking: Asking, end: End): Promise<ReadEvent | null> => {
  const token = end.data.key.slice('jti:'.length)
  const page = { order: 'oldest', limit: 16, since: later(end.at, raceMs) } as const
  for await (const event of eachOf(asking, { token }, page)) if (isUse(event, token)) return event
  return null
}

/** Logins that are looked at for a page: of a cutoff of everyone there may be millions. */
const loginsMax = 300

type Looked = Readonly<{ uses: readonly ReadEvent[]; next: AuditPlace | null; logins: number }>

/** Sessions that a cutoff should have ended, of a user or of all, and that were used long after. */
const usedSessions = async (
  asking: Asking,
  age: SessionAge,
  user: string | null,
  end: End,
  after: AuditPlace | null,
): Promise<Looked> => {
  const { scope, key, sub } = end.data
  const since = await age.beginningOf(end.at)
  const page = { since, until: end.at, order: 'oldest', after, limit: loginsMax } as const
  const whose = scope === 'subject' ? sub : user
  const { events, next } = await pageOf(asking, { step: 'login', user: whose }, page)
  const uses: ReadEvent[] = []
  for (const login of eventsOf(events, 'TokenIssued')) {
    if (scope === 'client' && key !== `client:${login.data.client}`) continue
    const issued = { session: login.data.sid, kind: 'TokenIssued' } as const
    const last = await firstOf(asking, issued, { order: 'newest' })
    if (last && judgeCutoff(login, end, last.at ?? login.at) === 'broken') uses.push(last)
  }
  return { uses, next, logins: events.length }
}

const isOf = ({ event: { data } }: ReadEvent, user: string | null): boolean =>
  user === null || ('sub' in data && data.sub === user)

/**
 * Which tokens were used after their revocation, as far as events tell: who refreshes, renews or
 * replays a token leaves an event; who shows an access token to a service leaves none. There must
 * be none.
 */
export const usedAfter = async (
  asking: Asking,
  age: SessionAge,
  user: string | null,
  { limit, after, ...time }: Omit<Page, 'after'> & Readonly<{ after: Cursor | null }>,
): Promise<UsedAfterPage> => {
  const rows: UsedAfter[] = []
  let [place, login, checked, logins] = [after?.end ?? null, after?.login ?? null, 0, 0]
  while (checked < limit && logins < loginsMax) {
    const page = { ...time, after: place, limit: 1 }
    const { events, next } = await pageOfEnds(asking, user, page)
    for (const end of eventsOf(events, 'TokenRevoked')) {
      if (isCutoff(end)) {
        const looked = await usedSessions(asking, age, user, end, login)
        rows.push(...looked.uses.map((use) => ({ end, use })))
        login = looked.next
        logins += looked.logins
        if (login !== null) return { rows, checked, next: cursorText({ end: place, login }) }
      } else {
        const isSession = end.data.scope === 'session'
        const use = await (isSession ? usedSession : usedToken)(asking, end)
        if (use && isOf(use, user)) rows.push({ end, use })
      }
      checked += 1
    }
    if (next === null) return { rows, checked, next: null }
    place = next
  }
  return { rows, checked, next: cursorText({ end: place, login: null }) }
}
