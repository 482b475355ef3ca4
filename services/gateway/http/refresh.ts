import type { Context } from 'koa'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { refresh } from '../refresh.ts'
import { presentedRefresh } from './presented-refresh.ts'
import { requestOrigin } from './request-origin.ts'
import type { RouteParts } from './route-parts.ts'

/**
 * `POST /refresh`: reads the refresh cookie, answers two new cookies (one, when rotation is off).
 */
export const refreshRoute =
  (parts: RouteParts) =>
  async (ctx: Context): Promise<void> => {
    const { cookies, tokens, storeClock } = parts
    const arrival = storeClock.now()
    const claims = presentedRefresh(tokens, cookies.read(ctx).refresh, arrival)
    const origin = requestOrigin(ctx, parts.proxyHops)
    const result = await refresh(parts, { claims, origin, arrival })
    switch (result.outcome) {
      case 'refreshed':
        if (result.refreshChanged) cookies.set(ctx, result.tokens, arrival)
        else cookies.setAccess(ctx, result.tokens.access, arrival)
        ctx.body = { detail: 'refresh success' }
        return
      case 'superseded':
        throw new AuthError('TOKEN_SUPERSEDED', 'superseded')
      case 'reused':
        cookies.clear(ctx)
        throw new AuthError('TOKEN_REUSED', 'reused')
      case 'refused':
        if (result.sessionDead) cookies.clear(ctx)
        throw new AuthError('TOKEN_REVOKED', 'refused')
    }
  }
