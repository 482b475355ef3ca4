import type { RouterContext } from '@koa/router'
import type { Middleware } from 'koa'
import { AuthError } from '../../../shared/kernel/errors.ts'

/** In the order of Django's list. */
const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const

/**
 * Answers 405 with `Allow` for a path that has routes for other methods, and 200 for `OPTIONS`.
 * Runs after the router. `authenticate` is called first, so that a route that needs a caller
 * answers 401 rather than 405.
 */
export const refuseOtherMethods =
  (authenticate: (ctx: RouterContext) => Promise<void>): Middleware =>
  async (ctx, next) => {
    const { matched = [] } = ctx as RouterContext
    const allowed = new Set(matched.flatMap((layer) => layer.methods))
    if (allowed.size === 0) return next()
    allowed.add('OPTIONS')
    await authenticate(ctx as RouterContext)
    ctx.set('Allow', methods.filter((method) => allowed.has(method)).join(', '))
    if (ctx.method === 'OPTIONS') {
      ctx.body = ''
      return
    }
    throw new AuthError('METHOD_NOT_ALLOWED', 'Method not allowed.')
  }
