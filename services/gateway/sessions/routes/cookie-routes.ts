import type { Context } from 'koa'
import { z } from 'zod'
import { fields, json } from '../../../../shared/http/route-doc.ts'
import { AuthError } from '../../../../shared/kernel/errors.ts'
import type { EpochMs } from '../../../../shared/kernel/ids.ts'
import {
  changing,
  detail,
  fieldProblem,
  type GatewayRoute,
  type Handler,
  post,
  readFields,
  revoking,
  superseded,
  takingFields,
  throttled,
  unauthenticated,
} from '../../http/index.ts'
import { openPair, openSlidingToken, type SessionOpener, type SessionRouteDeps } from '../index.ts'
import {
  loginFromRequest,
  refreshFromRequest,
  slideFromRequest,
  verifyFromRequest,
} from './commands-from-request.ts'
import { logoutRoute } from './logout-handler.ts'
import { tokensInCookies } from './request-tokens.ts'

/** `POST /verify`: whether the access cookie holds a good token. The body is not read. */
const verifyRoute: Handler<SessionRouteDeps> = (deps) => async (ctx) => {
  const access = deps.http.cookies.readAccess(ctx)
  if (access === null) throw new AuthError('TOKEN_INVALID', 'no access cookie')
  await verifyFromRequest(deps, access, deps.context.storeClock.now())
  ctx.body = {}
}

/**
 * `POST /refresh`: reads the refresh cookie and sets both cookies, or only the access cookie where
 * rotation is off.
 */
export const refreshRoute: Handler<SessionRouteDeps> = (deps) => async (ctx) => {
  const { cookies } = deps.http
  const { storeClock } = deps.context
  const arrival = storeClock.now()
  const token = cookies.readRefresh(ctx)
  // What Simple-JWT's serializer answers for an empty field.
  if (token === '') throw fieldProblem('refresh', 'This field may not be blank.')
  const onDead = (): void => cookies.clear(ctx)
  const refreshed = await refreshFromRequest(deps, ctx, token, { arrival, onDead })
  const { tokens, refreshChanged, untilClosed } = refreshed
  const cookieLife = { now: arrival, untilClosed }
  if (refreshChanged) cookies.set(ctx, tokens, cookieLife)
  else cookies.setAccess(ctx, tokens.access, cookieLife)
  ctx.body = { detail: 'refresh success' }
}

const yes = ['true', 't', 'yes', 'y', 'on', '1']
const no = ['false', 'f', 'no', 'n', 'off', '0']

/**
 * The field `remember` of a login; true when it is absent. In JSON or a form (where every value is
 * text), read as Django REST framework reads a boolean. @throws Refusal 400 that names the field.
 */
const readRemember = (body: ReadonlyMap<string, unknown>): boolean => {
  if (!body.has('remember')) return true
  const given = body.get('remember')
  if (given === null) throw fieldProblem('remember', 'This field may not be null.')
  const text = typeof given === 'object' ? '' : String(given).toLowerCase()
  if (yes.includes(text)) return true
  if (no.includes(text)) return false
  throw fieldProblem('remember', 'Must be a valid boolean.')
}

type CookieLogin<Tokens> = Readonly<{ tokens: Tokens; untilClosed: boolean }>

/** A login in cookie mode. It ends the sessions that the cookies of the request belong to. */
const loginByCookie = async <Tokens>(
  deps: SessionRouteDeps,
  ctx: Context,
  arrival: EpochMs,
  opener: SessionOpener<Tokens>,
): Promise<CookieLogin<Tokens>> => {
  const body = await readFields(ctx)
  const untilClosed = !readRemember(body)
  const replaced = tokensInCookies(deps, ctx, arrival)
  const login = { body, arrival, opener, untilClosed, replaced }
  const { tokens } = await loginFromRequest(deps, ctx, login)
  return { tokens, untilClosed }
}

/** `POST /login`: both cookies, no token in the body. */
export const loginRoute: Handler<SessionRouteDeps> = (deps) => async (ctx) => {
  const arrival = deps.context.storeClock.now()
  const { tokens, untilClosed } = await loginByCookie(deps, ctx, arrival, openPair)
  deps.http.cookies.set(ctx, tokens, { now: arrival, untilClosed })
  ctx.body = { detail: 'login success' }
}

/**
 * `POST /sliding/login`: sets the sliding token in the access cookie, where services look for the
 * token that authenticates. Clears the refresh cookie, or a browser would keep another session
 * alive beside this one.
 */
export const slidingLoginRoute: Handler<SessionRouteDeps> = (deps) => async (ctx) => {
  const { cookies } = deps.http
  const { storeClock } = deps.context
  const arrival = storeClock.now()
  const { tokens, untilClosed } = await loginByCookie(deps, ctx, arrival, openSlidingToken)
  cookies.clearRefresh(ctx)
  cookies.setAccess(ctx, tokens, { now: arrival, untilClosed })
  ctx.body = { detail: 'login success' }
}

/** `POST /sliding/refresh`: the same cookie with a later `exp`. */
const slidingRefreshRoute: Handler<SessionRouteDeps> = (deps) => async (ctx) => {
  const { cookies } = deps.http
  const { storeClock } = deps.context
  const arrival = storeClock.now()
  const onDead = (): void => cookies.clear(ctx)
  const access = cookies.readAccess(ctx)
  const renewed = await slideFromRequest(deps, ctx, access, { arrival, onDead })
  const { token, untilClosed } = renewed
  cookies.setAccess(ctx, token, { now: arrival, untilClosed })
  ctx.body = { detail: 'refresh success' }
}

const tag = 'Cookies'
const credentials = z.object({
  username: z.string(),
  password: z.string(),
  /** True by default; false sets cookies that last until the browser closes. */
  remember: z.boolean().optional(),
})
const description =
  'Ends every session whose cookies the browser presented. `remember: false` sets cookies that ' +
  'go with the browser.'
const setsCookies = { 'Set-Cookie': 'The token cookies.' }
const everybody: readonly [] = []

/** Tokens come and go in HttpOnly cookies; no body ever holds one. */
export const cookieRoutes: readonly GatewayRoute<SessionRouteDeps>[] = [
  post('/login', loginRoute, {
    summary: 'Log in; sets the access and the refresh cookie',
    description,
    tag,
    security: everybody,
    body: fields(credentials),
    answers: takingFields({
      200: { ...detail('login success'), headers: setsCookies },
      401: unauthenticated,
      429: throttled,
    }),
  }),
  post('/refresh', refreshRoute, {
    summary: 'Refresh; sets both cookies, or only the access cookie where rotation is off',
    tag,
    security: [['refreshCookie']],
    answers: changing({
      200: { ...detail('refresh success'), headers: setsCookies },
      400: unauthenticated,
      401: unauthenticated,
      409: superseded,
    }),
  }),
  post('/logout', logoutRoute, {
    summary: 'Log out: ends every session whose token is presented, everywhere',
    description:
      'A refresh cookie that may still rotate is proof enough for its own session, and so is a ' +
      'living access token. With nothing valid: 401, and the cookies are cleared when their ' +
      'session is known to be dead.',
    tag,
    security: [['refreshCookie'], ['accessCookie'], ['bearer']],
    answers: changing({
      200: revoking({ ...detail('token blacklisted'), headers: setsCookies }),
      400: unauthenticated,
      401: unauthenticated,
    }),
  }),
  post('/verify', verifyRoute, {
    summary: 'Whether the access cookie holds a good token',
    tag,
    security: [['accessCookie']],
    answers: changing({
      200: { description: 'It does.', content: json(z.object({})) },
      400: { description: 'It ended.', content: unauthenticated.content ?? json(z.object({})) },
      401: unauthenticated,
    }),
  }),
  post('/sliding/login', slidingLoginRoute, {
    summary: 'Log in with a sliding token, in the access cookie',
    description,
    tag,
    security: everybody,
    body: fields(credentials),
    answers: takingFields({
      200: { ...detail('login success'), headers: setsCookies },
      401: unauthenticated,
      429: throttled,
    }),
  }),
  post('/sliding/refresh', slidingRefreshRoute, {
    summary: 'Renew the sliding token in the access cookie',
    tag,
    security: [['accessCookie']],
    answers: changing({
      200: { ...detail('refresh success'), headers: setsCookies },
      400: unauthenticated,
      401: unauthenticated,
    }),
  }),
]
