import type { Context } from 'koa'
import type { EpochMs } from '../../../../shared/kernel/ids.ts'
import { type Handler, readFields } from '../../http/index.ts'
import { openPair, type SessionOpener, type SessionRouteDeps } from '../index.ts'
import { loginFromRequest } from './commands-from-request.ts'
import { readRemember } from './remember-field.ts'
import { tokensInCookies } from './request-tokens.ts'

export type CookieLogin<Tokens> = Readonly<{ tokens: Tokens; untilClosed: boolean }>

/** A login in cookie mode. It ends the sessions that the cookies of the request belong to. */
export const loginByCookie = async <Tokens>(
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
