import type { Context } from 'koa'
import { z } from 'zod'
import type { SessionUse } from '../../../../shared/events/session-entry.ts'
import { component, json } from '../../../../shared/http/route-doc.ts'
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
import {
  answering,
  badParameters,
  byAnybody,
  byPerson,
  foundBy,
  type GatewayRoute,
  get,
  type Handler,
  Refusal,
  toAdministrators,
  unauthenticated,
} from '../../http/index.ts'
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
  throw new Refusal(400, { limit: [`Must be a whole number from 1 to ${pageMax}.`] })
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
const instantText = (at: EpochMs | null): string | null =>
  at === null ? null : new Date(Math.max(-lastInstantMs, Math.min(at, lastInstantMs))).toISOString()
const useBody = (use: SessionUse | null) =>
  use && { at: instantText(use.at), address: use.address, agent: use.agent }

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
    expires_at: instantText(expiresAt),
    ended: ended && { at: instantText(ended.at), reason: ended.reason },
  }
}

const answerSessionPage = async (
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
  await answerSessionPage(deps, ctx, claims.sub, claims.sid)
}

const foundCaller = ({ user }: Pick<AuthenticatedUser, 'user'>, text: string): FoundSubject => ({
  sub: user.sub,
  foundBy: user.sub === text ? 'id' : 'name',
})

/** `GET /users/{sub}/sessions`: of a user, by id or name, for administrators and services. */
const userSessionsRoute: Handler<SessionRouteDeps> = (deps) => async (ctx) => {
  const { sub: text } = ctx['params'] as { sub: string }
  const now = deps.context.storeClock.now()
  const wanted = { sub: text, permission: 'users' } as const
  const caller = await requireOwnerOrAdministrator(deps, ctx, now, wanted)
  const { sub, foundBy } =
    caller.kind === 'owner' ? foundCaller(caller, text) : await findSubject(deps, text)
  ctx.set('Found-By', foundBy)
  await answerSessionPage(deps, ctx, sub, caller.kind === 'service' ? null : caller.claims.sid)
}

const tag = 'Sessions'

const instant = z.iso.datetime()
const use = z.object({
  at: instant,
  address: z.string().nullable(),
  agent: z.string().nullable(),
})
const session = component(
  'Session',
  z.object({
    sid: z.string(),
    current: z.boolean(),
    status: z.enum(['alive', 'ended', 'expired']),
    client_id: z.string().nullable(),
    kind: z.enum(['pair', 'sliding']).nullable(),
    started: use.nullable(),
    last_used: use.nullable(),
    expires_at: instant,
    ended: z.object({ at: instant.nullable(), reason: z.string().nullable() }).nullable(),
  }),
)
export const sessionPageSchema = component(
  'SessionPage',
  z.object({ sessions: z.array(session), next: z.string().nullable() }),
)
export type SessionPageBody = z.infer<typeof sessionPageSchema>

const pageParameters = [
  {
    in: 'query',
    name: 'limit',
    description: 'Sessions a page; 20 without it.',
    schema: z.int().min(1).max(100),
  },
  {
    in: 'query',
    name: 'after',
    description: '`next` of the page before.',
    schema: z.string(),
  },
] as const

const inPath = (name: string) =>
  ({ in: 'path', name, description: 'Whose.', schema: z.string() }) as const

/** Where somebody is logged in. */
export const sessionRoutes: readonly GatewayRoute<SessionRouteDeps>[] = [
  get('/sessions', ownSessionsRoute, {
    summary: 'Where the caller is, or was, logged in; newest first',
    tag,
    security: byPerson,
    parameters: pageParameters,
    answers: answering({
      200: { description: 'One page.', content: json(sessionPageSchema) },
      400: badParameters,
      401: unauthenticated,
      403: toAdministrators({})[403] ?? unauthenticated,
    }),
  }),
  get('/users/:sub/sessions', userSessionsRoute, {
    summary: 'Where a user is, or was, logged in; newest first',
    tag,
    security: byAnybody,
    parameters: [inPath('sub'), ...pageParameters],
    answers: answering(
      toAdministrators({
        200: { description: 'One page.', content: json(sessionPageSchema), headers: foundBy },
        400: badParameters,
      }),
    ),
  }),
]
