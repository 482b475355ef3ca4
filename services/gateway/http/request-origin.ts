import type { Context, Middleware } from 'koa'
import type { Origin } from '../../../shared/events/event.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { clientAddress } from './client-address.ts'
import type { Origins } from './trusted-origins.ts'

const agentMax = 256
const unprintable = /[^\x20-\x7e]/g

/** The address and user agent of a request; the only place that reads them. */
export const requestOrigin = (ctx: Context, hops: number): Origin => {
  const agent = ctx.get('user-agent').replace(unprintable, '?').slice(0, agentMax)
  return { address: clientAddress(ctx, hops), agent: agent === '' ? null : agent }
}

const safeMethods = new Set(['', 'GET', 'HEAD', 'OPTIONS'])

const refusal = (origin: string): AuthError => {
  const isPrintable = /^https?:\/\/[\x21-\x7e]{1,200}$/.test(origin)
  const source = isPrintable ? origin : 'another origin, which the browser does not tell'
  return new AuthError(
    'ORIGIN_REFUSED',
    `This request came from a page of ${source}. CURFEW_TRUSTED_ORIGINS names the pages that may.`,
  )
}

/**
 * Refuses writes that a page of another origin made a browser send (CSRF).
 * - A page that CURFEW_TRUSTED_ORIGINS names may send them.
 * - Otherwise `Sec-Fetch-Site` decides, if the browser sends it; no script can set it. `Origin`
 *   alone would not do: a page without referrers sends `Origin: null` to its own address too, and a
 *   service behind a proxy has an origin that the gateway does not know.
 * - Without `Sec-Fetch-Site`, as on http beyond loopback, `Origin` must be the gateway’s own.
 * - A request with neither header comes from no browser (curl, services), and is let through.
 * @throws AuthError ORIGIN_REFUSED
 */
export const refuseForeignWrite = (ctx: Context, origins: Origins, method = ctx.method): void => {
  if (safeMethods.has(method)) return
  const origin = ctx.get('origin')
  if (origins.isTrusted(origin)) return
  switch (ctx.get('sec-fetch-site')) {
    case 'same-origin':
    case 'none': // Caused by no page: typed by the user, or sent by a browser extension.
      return
    case 'same-site':
      if (origins.isOwn(origin)) return
      break
    case '':
      if (origin === '' || origins.isOwn(origin)) return
  }
  throw refusal(origin)
}

export const isPreflight = (ctx: Context): boolean =>
  ctx.method === 'OPTIONS' &&
  ctx.get('origin') !== '' &&
  ctx.get('access-control-request-method') !== ''

/** @throws AuthError ORIGIN_REFUSED, also for a preflight, so that its developer sees why. */
export const refuseForeignPages =
  (origins: Origins, isPageRoute: (path: string, method: string) => boolean): Middleware =>
  async (ctx, next) => {
    const requestedMethod = isPreflight(ctx) ? ctx.get('access-control-request-method') : null
    if (requestedMethod !== null && isPageRoute(ctx.path, requestedMethod))
      throw refusal(ctx.get('origin'))
    refuseForeignWrite(ctx, origins)
    return next()
  }
