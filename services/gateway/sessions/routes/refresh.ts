import { fieldProblem, type Handler } from '../../http/index.ts'
import type { SessionRouteDeps } from '../index.ts'
import { refreshFromRequest } from './commands-from-request.ts'

/**
 * `POST /refresh`: reads the refresh cookie and sets both cookies, or only the access cookie where
 * rotation is off.
 */
export const refreshRoute: Handler<SessionRouteDeps> = (deps) => async (ctx) => {
  const { cookies } = deps.http
  const { storeClock } = deps.context
  const arrival = storeClock.now()
  const token = cookies.readRefresh(ctx)
  // What Simple-JWT's serializer answers for an empty field.
  if (token === '') throw fieldProblem('refresh', 'This field may not be blank.')
  const onDead = (): void => cookies.clear(ctx)
  const refreshed = await refreshFromRequest(deps, ctx, token, { arrival, onDead })
  const { tokens, refreshChanged, untilClosed } = refreshed
  const cookieLife = { now: arrival, untilClosed }
  if (refreshChanged) cookies.set(ctx, tokens, cookieLife)
  else cookies.setAccess(ctx, tokens.access, cookieLife)
  ctx.body = { detail: 'refresh success' }
}
