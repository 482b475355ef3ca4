import type { Handler } from '../../http/index.ts'
import { authenticateAny } from '../../tokens/index.ts'
import { activeCaller, type CallerDeps } from '../index.ts'

/** `GET /me`: the caller, asked of the store and the directory. */
export const meRoute: Handler<CallerDeps> = (deps) => async (ctx) => {
  const now = deps.context.storeClock.now()
  const { claims, person } = await activeCaller(deps, ctx, now, authenticateAny)
  ctx.body = {
    user_id: claims[deps.tokens.userIdClaim] ?? claims.sub,
    username: person?.username ?? null,
    roles: person?.roles ?? [],
    sid: deps.tokens.issuer.isOwn(claims) ? claims.sid : null,
    auth_time: claims.auth_time,
  }
}
