import type { RouterContext } from '@koa/router'
import type { Middleware } from 'koa'
import { AuthError } from '../../../shared/kernel/errors.ts'

/** In the order of Django's list. */
const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const

/**
 * 405 with `Allow` for a path that takes other methods; `OPTIONS` without a route is 200. Runs
 * behind the router. `authenticate` is asked first: where a view wants a caller, 401 comes before
 * 405.
 */
export const refuseOtherMethods =
  (authenticate: (ctx: RouterContext) => Promise<void>): Middleware =>
  async (ctx, next) => {
    const { matched = [] } = ctx as RouterContext
    const taken = new Set(matched.flatMap((layer) => layer.methods))
    if (taken.size === 0) return next()
    taken.add('OPTIONS')
    await authenticate(ctx as RouterContext)
    ctx.set('Allow', methods.filter((method) => taken.has(method)).join(', '))
    if (ctx.method === 'OPTIONS') {
      ctx.body = ''
      return
    }
    throw new AuthError('METHOD_NOT_ALLOWED', 'Method not allowed.')
  }
