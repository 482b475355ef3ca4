import type { Context } from 'koa'
import { activeCaller } from './active-caller.ts'
import type { RouteParts } from './route-parts.ts'

/** `GET /me`: the caller, asked of the store and the directory. */
export const meRoute =
  (parts: RouteParts) =>
  async (ctx: Context): Promise<void> => {
    const { claims, person } = await activeCaller(parts, ctx, parts.storeClock.now())
    ctx.body = {
      user_id: claims[parts.userIdClaim] ?? claims.sub,
      username: person?.username ?? null,
      roles: person?.roles ?? [],
      sid: claims.sid,
      auth_time: claims.auth_time,
    }
  }
