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
  type AuthenticatedUser,
  type FoundSubject,
  findSubject,
  requireOwnerOrAdministrator,
  requireUser,
} from '../../accounts/index.ts'
import { type Handler, Refusal } from '../../http/index.ts'
import { type ListedSession, listSessions, type SessionRouteDeps } from '../index.ts'

const pageMax = 100
const pageDefault = 20

const singleParameter = (ctx: Context, name: string): string | null => {
  const given = ctx.query[name]
  if (Array.isArray(given)) throw new Refusal(400, { [name]: ['This parameter came twice.'] })
  return given ?? null
}

const readLimit = (ctx: Context): number => {
  const given = singleParameter(ctx, 'limit')
  if (given === null) return pageDefault
  const limit = /^\d{1,3}$/.test(given) ? Number(given) : 0
  if (limit >= 1 && limit <= pageMax) return limit
  throw new Refusal(400, { limit: [`A number from 1 to ${pageMax} is required.`] })
}

const cursorText = ({ at, sid }: SessionCursor): string => `${at}.${sid}`

const readCursor = (ctx: Context): SessionCursor | null => {
  const given = singleParameter(ctx, 'after')
  if (given === null) return null
  const [at = '', sid = '', ...rest] = given.split('.')
  if (rest.length > 0 || !/^\d{1,16}$/.test(at) || !isTokenId(sid)) {
    throw new Refusal(400, { after: ['This is no cursor that an earlier page answered.'] })
  }
  return { at: Number(at) as EpochMs, sid: sid as string as SessionId }
}

/**
 * The last instant of a Date (ECMA-262, 21.4.1.1). With CURFEW_UNSIGNED_EVENTS=accept an entry may
 * hold a later one.
 */
const lastInstantMs = 8_640_000_000_000_000
const instant = (at: EpochMs | null): string | null =>
  at === null ? null : new Date(Math.max(-lastInstantMs, Math.min(at, lastInstantMs))).toISOString()
const useBody = (use: SessionUse | null) =>
  use && { at: instant(use.at), address: use.address, agent: use.agent }

const sessionBody = (session: ListedSession, current: SessionId | null) => {
  const { entry, status, expiresAt, ended } = session
  return {
    sid: entry.sid,
    current: entry.sid === current,
    status,
    client_id: entry.client,
    kind: entry.kind,
    started: useBody(entry.first),
    last_used: useBody(entry.last),
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
  const page = await listSessions(deps, { sub, after: readCursor(ctx), limit: readLimit(ctx) })
  ctx.body = {
    sessions: page.sessions.map((session) => sessionBody(session, current)),
    next: page.next && cursorText(page.next),
  }
}

/** `GET /sessions?limit=&after=`: where the caller is, or was, logged in; newest first. */
export const ownSessionsRoute: Handler<SessionRouteDeps> = (deps) => async (ctx) => {
  const { claims } = await requireUser(deps, ctx, deps.context.storeClock.now())
  await answerPage(deps, ctx, claims.sub, claims.sid)
}

const foundCaller = ({ user }: Pick<AuthenticatedUser, 'user'>, text: string): FoundSubject => ({
  sub: user.sub,
  foundBy: user.sub === text ? 'id' : 'name',
})

/** `GET /users/{sub}/sessions`: of a user, by id or name, for administrators and services. */
export const userSessionsRoute: Handler<SessionRouteDeps> = (deps) => async (ctx) => {
  const { sub: text } = ctx['params'] as { sub: string }
  const now = deps.context.storeClock.now()
  const wanted = { sub: text, permission: 'users' } as const
  const caller = await requireOwnerOrAdministrator(deps, ctx, now, wanted)
  const { sub, foundBy } =
    caller.kind === 'owner' ? foundCaller(caller, text) : await findSubject(deps, text)
  ctx.set('Found-By', foundBy)
  await answerPage(deps, ctx, sub, caller.kind === 'service' ? null : caller.claims.sid)
}
