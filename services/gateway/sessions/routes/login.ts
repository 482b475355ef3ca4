import type { Context } from 'koa'
import type { EpochMs } from '../../../../shared/kernel/ids.ts'
import { readFields } from '../../http/body.ts'
import type { RouteParts } from '../../route-parts.ts'
import { presentCredentials } from '../from-request.ts'
import { rememberIn } from '../remember-field.ts'
import { openPair, type SessionOpener } from '../session-openers.ts'
import { cookieTokens } from '../tokens-in-request.ts'

export type CookieLogin<Tokens> = Readonly<{ tokens: Tokens; untilClosed: boolean }>

/** A login that sets cookies: the sessions of those that the browser presented end with it. */
export const loginByCookie = async <Tokens>(
  parts: RouteParts,
  ctx: Context,
  arrival: EpochMs,
  opener: SessionOpener<Tokens>,
): Promise<CookieLogin<Tokens>> => {
  const body = await readFields(ctx)
  const untilClosed = !rememberIn(body)
  const presented = cookieTokens(parts, ctx, arrival)
  const login = { body, arrival, opener, untilClosed, presented }
  const { tokens } = await presentCredentials(parts, ctx, login)
  return { tokens, untilClosed }
}

/** `POST /login`: both cookies, no token in the body. */
export const loginRoute =
  (parts: RouteParts) =>
  async (ctx: Context): Promise<void> => {
    const arrival = parts.storeClock.now()
    const { tokens, untilClosed } = await loginByCookie(parts, ctx, arrival, openPair)
    parts.cookies.set(ctx, tokens, { now: arrival, untilClosed })
    ctx.body = { detail: 'login success' }
  }
