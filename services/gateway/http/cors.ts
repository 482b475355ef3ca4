import cors from '@koa/cors'
import type { Context, Middleware } from 'koa'
import type { PageRoutes } from './page-routes.ts'
import { isPreflight } from './request-origin.ts'
import type { Origins } from './trusted-origins.ts'

/** What a script may read of an answer beside its body and what the Fetch standard always shows. */
export const exposedHeaders = [
  'Revocation-Status',
  'Revocation-Position',
  'Retry-After',
  'WWW-Authenticate',
  'Allow',
  'ETag',
  'X-Request-Id',
] as const

// As long as Chromium keeps one at most. An origin that is taken off the list can go on to send,
// and is refused.
const preflightSeconds = 2 * 60 * 60

/**
 * CORS with credentials for the pages that CURFEW_TRUSTED_ORIGINS names (Fetch standard, 3.2), for
 * failures as well: a page has to read why. Stands before all that can fail. Whoever is not named
 * gets no header. The names of request headers are the page's own matter: it is trusted, and front
 * ends add their own for tracing.
 */
export const corsForTrustedOrigins = (
  origins: Origins,
  { isForServices, isForProxies }: PageRoutes,
): Middleware => {
  const isShared = (ctx: Context): boolean => {
    if (!origins.isTrusted(ctx.get('origin'))) return false
    if (!isPreflight(ctx)) return !isForServices(ctx.path, ctx.method)
    const method = ctx.get('access-control-request-method')
    return !isForServices(ctx.path, method) && !isForProxies(ctx.path, method)
  }
  return cors({
    origin: (ctx) => (isShared(ctx) ? ctx.get('origin') : ''),
    credentials: true,
    exposeHeaders: [...exposedHeaders],
    maxAge: preflightSeconds,
  })
}
