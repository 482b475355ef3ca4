import type { Context } from 'koa'
import type { RouteParts } from '../../route-parts.ts'
import { authenticateAny } from '../../tokens/authenticate.ts'
import { activeCaller } from '../active-caller.ts'

/** `GET /me`: the caller, asked of the store and the directory. */
export const meRoute =
  (parts: RouteParts) =>
  async (ctx: Context): Promise<void> => {
    const now = parts.storeClock.now()
    const { claims, person } = await activeCaller(parts, ctx, now, authenticateAny)
    ctx.body = {
      user_id: claims[parts.userIdClaim] ?? claims.sub,
      username: person?.username ?? null,
      roles: person?.roles ?? [],
      sid: parts.tokens.isOwn(claims) ? claims.sid : null,
      auth_time: claims.auth_time,
    }
  }
