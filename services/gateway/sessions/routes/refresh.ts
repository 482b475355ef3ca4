import type { Context } from 'koa'
import { fieldProblem } from '../../http/index.ts'
import type { SessionRouteDeps } from '../index.ts'
import { refreshFromRequest } from './login-and-refresh.ts'

/**
 * `POST /refresh`: reads the refresh cookie, answers two new cookies (one, when rotation is off).
 */
export const refreshRoute =
  (deps: SessionRouteDeps) =>
  async (ctx: Context): Promise<void> => {
    const {
      http: { cookies },
      context: { storeClock },
    } = deps
    const arrival = storeClock.now()
    const token = cookies.readRefresh(ctx)
    // As Simple-JWT's serializer says of a field that is there and holds nothing.
    if (token === '') throw fieldProblem('refresh', 'This field may not be blank.')
    const onDead = (): void => cookies.clear(ctx)
    const refreshed = await refreshFromRequest(deps, ctx, token, { arrival, onDead })
    const { tokens, refreshChanged, untilClosed } = refreshed
    const lasting = { now: arrival, untilClosed }
    if (refreshChanged) cookies.set(ctx, tokens, lasting)
    else cookies.setAccess(ctx, tokens.access, lasting)
    ctx.body = { detail: 'refresh success' }
  }
