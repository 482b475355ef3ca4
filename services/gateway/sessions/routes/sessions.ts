import type { Context } from 'koa'
import type { SessionUse } from '../../../../shared/events/session-entry.ts'
import {
  type EpochMs,
  isTokenId,
  type SessionId,
  type SubjectId,
} from '../../../../shared/kernel/ids.ts'
import type { SessionCursor } from '../../../../shared/ports/session-list.ts'
import {
  type FoundSubject,
  findSubject,
  type Person,
  requireOwnerOrAdministrator,
  requirePerson,
} from '../../accounts/index.ts'
import { Refusal } from '../../http/index.ts'
import { type ListedSession, listSessions, type SessionRouteDeps } from '../index.ts'

const pageMax = 100
const pageOtherwise = 20

const single = (ctx: Context, name: string): string | null => {
  const given = ctx.query[name]
  if (Array.isArray(given)) throw new Refusal(400, { [name]: ['This parameter came twice.'] })
  return given ?? null
}

const limitIn = (ctx: Context): number => {
  const given = single(ctx, 'limit')
  if (given === null) return pageOtherwise
  const limit = /^\d{1,3}$/.test(given) ? Number(given) : 0
  if (limit >= 1 && limit <= pageMax) return limit
  throw new Refusal(400, { limit: [`A number from 1 to ${pageMax} is required.`] })
}

const cursorText = ({ at, sid }: SessionCursor): string => `${at}.${sid}`

const cursorIn = (ctx: Context): SessionCursor | null => {
  const given = single(ctx, 'after')
  if (given === null) return null
  const [at = '', sid = '', ...rest] = given.split('.')
  if (rest.length > 0 || !/^\d{1,16}$/.test(at) || !isTokenId(sid)) {
    throw new Refusal(400, { after: ['This is no cursor that an earlier page answered.'] })
  }
  return { at: Number(at) as EpochMs, sid: sid as string as SessionId }
}

/** ECMA-262, 21.4.1.1: `auth.events` carries no MAC, so an instant there may be beyond. */
const lastInstantMs = 8_640_000_000_000_000
const instant = (at: EpochMs | null): string | null =>
  at === null ? null : new Date(Math.max(-lastInstantMs, Math.min(at, lastInstantMs))).toISOString()
const shownUse = (use: SessionUse | null) =>
  use && { at: instant(use.at), address: use.address, agent: use.agent }

const shown = (session: ListedSession, current: SessionId | null) => {
  const { entry, status, expiresAt, ended } = session
  return {
    sid: entry.sid,
    current: entry.sid === current,
    status,
    client_id: entry.client,
    kind: entry.kind,
    started: shownUse(entry.first),
    last_used: shownUse(entry.last),
    expires_at: instant(expiresAt),
    ended: ended && { at: instant(ended.at), reason: ended.reason },
  }
}

const answerPage = async (
  deps: SessionRouteDeps,
  ctx: Context,
  sub: SubjectId,
  current: SessionId | null,
): Promise<void> => {
  const page = await listSessions(deps, { sub, after: cursorIn(ctx), limit: limitIn(ctx) })
  ctx.body = {
    sessions: page.sessions.map((session) => shown(session, current)),
    next: page.next && cursorText(page.next),
  }
}

/** `GET /sessions?limit=&after=`: where the caller is, or was, logged in; newest first. */
export const ownSessionsRoute =
  (deps: SessionRouteDeps) =>
  async (ctx: Context): Promise<void> => {
    const { claims } = await requirePerson(deps, ctx, deps.context.storeClock.now())
    await answerPage(deps, ctx, claims.sub, claims.sid)
  }

const ownFound = ({ user }: Pick<Person, 'user'>, text: string): FoundSubject => ({
  sub: user.sub,
  by: user.sub === text ? 'id' : 'name',
})

/** `GET /users/{sub}/sessions`: of a user, by id or name, for administrators and services. */
export const userSessionsRoute =
  (deps: SessionRouteDeps) =>
  async (ctx: Context): Promise<void> => {
    const { sub: text } = ctx['params'] as { sub: string }
    const now = deps.context.storeClock.now()
    const whose = { sub: text, permission: 'users' } as const
    const who = await requireOwnerOrAdministrator(deps, ctx, now, whose)
    const { sub, by } = who.by === 'owner' ? ownFound(who, text) : await findSubject(deps, text)
    ctx.set('Found-By', by)
    await answerPage(deps, ctx, sub, who.by === 'service' ? null : who.claims.sid)
  }
