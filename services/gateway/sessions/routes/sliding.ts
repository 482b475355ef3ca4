import type { Handler } from '../../http/index.ts'
import { openSlidingToken, type SessionRouteDeps } from '../index.ts'
import { slideFromRequest } from './commands-from-request.ts'
import { loginByCookie } from './login.ts'

/**
 * `POST /sliding/login`: sets the sliding token in the access cookie, where services look for the
 * token that authenticates. Clears the refresh cookie, or a browser would keep another session
 * alive beside this one.
 */
export const slidingLoginRoute: Handler<SessionRouteDeps> = (deps) => async (ctx) => {
  const { cookies } = deps.http
  const { storeClock } = deps.context
  const arrival = storeClock.now()
  const { tokens, untilClosed } = await loginByCookie(deps, ctx, arrival, openSlidingToken)
  cookies.clearRefresh(ctx)
  cookies.setAccess(ctx, tokens, { now: arrival, untilClosed })
  ctx.body = { detail: 'login success' }
}

/** `POST /sliding/refresh`: the same cookie with a later `exp`. */
export const slidingRefreshRoute: Handler<SessionRouteDeps> = (deps) => async (ctx) => {
  const { cookies } = deps.http
  const { storeClock } = deps.context
  const arrival = storeClock.now()
  const onDead = (): void => cookies.clear(ctx)
  const access = cookies.readAccess(ctx)
  const renewed = await slideFromRequest(deps, ctx, access, { arrival, onDead })
  const { token, untilClosed } = renewed
  cookies.setAccess(ctx, token, { now: arrival, untilClosed })
  ctx.body = { detail: 'refresh success' }
}
