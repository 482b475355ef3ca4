import type { Context } from 'koa'
import { fieldProblem } from '../../http/field-problem.ts'
import type { RouteParts } from '../../route-parts.ts'
import { presentRefresh } from '../from-request.ts'

/**
 * `POST /refresh`: reads the refresh cookie, answers two new cookies (one, when rotation is off).
 */
export const refreshRoute =
  (parts: RouteParts) =>
  async (ctx: Context): Promise<void> => {
    const { cookies, storeClock } = parts
    const arrival = storeClock.now()
    const token = cookies.readRefresh(ctx)
    // As Simple-JWT's serializer says of a field that is there and holds nothing.
    if (token === '') throw fieldProblem('refresh', 'This field may not be blank.')
    const onDead = (): void => cookies.clear(ctx)
    const refreshed = await presentRefresh(parts, ctx, token, { arrival, onDead })
    const { tokens, refreshChanged, untilClosed } = refreshed
    const lasting = { now: arrival, untilClosed }
    if (refreshChanged) cookies.set(ctx, tokens, lasting)
    else cookies.setAccess(ctx, tokens.access, lasting)
    ctx.body = { detail: 'refresh success' }
  }
