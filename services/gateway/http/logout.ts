import type { Context } from 'koa'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { type BearerClaims, bearerKinds } from '../../../shared/tokens/claims.ts'
import { endSessionById, publishEnd } from '../logout.ts'
import type { Delivery } from '../revocation.ts'
import { callerOf } from './caller.ts'
import { presentedRefresh } from './presented-refresh.ts'
import { requestOrigin } from './request-origin.ts'
import type { RouteParts } from './route-parts.ts'

/**
 * `Revocation-Status` says whether the log has it already; `Revocation-Position` is what doors can
 * wait for.
 */
export const setDelivery = (ctx: Context, { status, position }: Delivery): void => {
  ctx.set('Revocation-Status', status)
  if (position !== null) ctx.set('Revocation-Position', position)
}

/**
 * `POST /logout`: ends the session that the refresh cookie names. A caller whose session is dead
 * already gets its end published, 401 and cleared cookies; a 2xx is only for who authenticated
 * before the death.
 */
export const logoutRoute =
  (parts: RouteParts) =>
  async (ctx: Context): Promise<void> => {
    const { cookies, tokens, storeClock } = parts
    const arrival = storeClock.now()
    const onRevoked = async ({ sid }: BearerClaims, sessionDead: boolean): Promise<void> => {
      // A token that was ended alone leaves its session, and the cookies that can still end it.
      if (!sessionDead) return
      await publishEnd(parts, sid)
      cookies.clear(ctx)
    }
    const caller = await callerOf(parts, ctx, arrival, { onRevoked, accept: bearerKinds })
    // A sliding token is a session's only one: who holds it may end it.
    const { sid, sub } =
      caller.token_type === 'sliding'
        ? caller
        : presentedRefresh(tokens, cookies.read(ctx).refresh, arrival)
    // Another person's refresh token beside one's own access token: neither session is touched.
    if (sub !== caller.sub) throw new AuthError('TOKEN_INVALID', 'the two tokens differ in subject')
    const origin = requestOrigin(ctx, parts.proxyHops)
    const result = await endSessionById(parts, { sid, reason: 'logout', origin })
    if (result.outcome === 'unknown') throw new AuthError('TOKEN_INVALID', 'no such session')
    cookies.clear(ctx)
    setDelivery(ctx, result.delivery)
    ctx.body = { detail: 'token blacklisted' }
  }
