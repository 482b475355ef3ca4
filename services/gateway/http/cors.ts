import cors from '@koa/cors'
import type { Context, Middleware } from 'koa'
import type { PageRoutes } from './route-matching.ts'
import { isPreflight, type Origins } from './trusted-origins.ts'

/** The headers that a script may read beyond those that the Fetch standard always exposes. */
export const exposedHeaders = [
  'Revocation-Status',
  'Revocation-Position',
  'Revocation-Receipt',
  'Retry-After',
  'WWW-Authenticate',
  'Allow',
  'ETag',
  'X-Request-Id',
] as const

// The longest that Chromium caches one. An origin that is taken off the list may still send
// requests meanwhile; they are refused.
const preflightSeconds = 2 * 60 * 60

/**
 * CORS with credentials for the pages that CURFEW_TRUSTED_ORIGINS names (Fetch standard, 3.2).
 * Other origins get no CORS header. It runs before everything that can fail, so that a page can
 * read failures too. Every request header is allowed: the page is trusted, and front ends add
 * headers for tracing.
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
