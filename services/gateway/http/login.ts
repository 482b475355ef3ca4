import type { Context } from 'koa'
import { openPair } from '../session-openers.ts'
import { presentCredentials } from './present.ts'
import type { RouteParts } from './route-parts.ts'

/** `POST /login`: both cookies, no token in the body. */
export const loginRoute =
  (parts: RouteParts) =>
  async (ctx: Context): Promise<void> => {
    const arrival = parts.storeClock.now()
    parts.cookies.set(ctx, await presentCredentials(parts, ctx, arrival, openPair), arrival)
    ctx.body = { detail: 'login success' }
  }
