import type { Context } from 'koa'
import { openSlidingToken } from '../session-openers.ts'
import { presentCredentials, presentSliding } from './present.ts'
import type { RouteParts } from './route-parts.ts'

/**
 * `POST /sliding/login`: the sliding token travels in the access cookie, where services look for
 * what authenticates. A refresh cookie of another session would be renewed beside it, so it goes.
 */
export const slidingLoginRoute =
  (parts: RouteParts) =>
  async (ctx: Context): Promise<void> => {
    const { cookies, storeClock } = parts
    const arrival = storeClock.now()
    const token = await presentCredentials(parts, ctx, arrival, openSlidingToken)
    cookies.clearRefresh(ctx)
    cookies.setAccess(ctx, token, arrival)
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
    cookies.setAccess(ctx, await presentSliding(parts, ctx, access, { arrival, onDead }), arrival)
    ctx.body = { detail: 'refresh success' }
  }
