import type { Context } from 'koa'
import { callerOf } from './caller.ts'
import type { RouteParts } from './route-parts.ts'

/** `GET /me`: the caller, asked of the store. */
export const meRoute =
  (parts: RouteParts) =>
  async (ctx: Context): Promise<void> => {
    const claims = await callerOf(parts, ctx, parts.storeClock.now())
    const user = await parts.directory.bySub(claims.sub)
    ctx.body = {
      user_id: claims[parts.userIdClaim] ?? claims.sub,
      username: user?.username ?? null,
      roles: user?.roles ?? [],
      sid: claims.sid,
      auth_time: claims.auth_time,
    }
  }
