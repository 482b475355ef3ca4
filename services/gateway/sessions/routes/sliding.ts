import type { Context } from 'koa'
import type { RouteParts } from '../../route-parts.ts'
import { presentSliding } from '../from-request.ts'
import { openSlidingToken } from '../session-openers.ts'
import { loginByCookie } from './login.ts'

/**
 * `POST /sliding/login`: the sliding token travels in the access cookie, where services look for
 * what authenticates. A refresh cookie of another session would be renewed beside it, so it goes.
 */
export const slidingLoginRoute =
  (parts: RouteParts) =>
  async (ctx: Context): Promise<void> => {
    const { cookies, storeClock } = parts
    const arrival = storeClock.now()
    const { tokens, untilClosed } = await loginByCookie(parts, ctx, arrival, openSlidingToken)
    cookies.clearRefresh(ctx)
    cookies.setAccess(ctx, tokens, { now: arrival, untilClosed })
    ctx.body = { detail: 'login success' }
  }

/** `POST /sliding/refresh`: the same cookie with a later `exp`. */
export const slidingRefreshRoute =
  (parts: RouteParts) =>
  async (ctx: Context): Promise<void> => {
    const { cookies, storeClock } = parts
    const arrival = storeClock.now()
    const onDead = (): void => cookies.clear(ctx)
    const access = cookies.readAccess(ctx)
    const renewed = await presentSliding(parts, ctx, access, { arrival, onDead })
    const { token, untilClosed } = renewed
    cookies.setAccess(ctx, token, { now: arrival, untilClosed })
    ctx.body = { detail: 'refresh success' }
  }
