import type { Context, Middleware } from 'koa'
import type { Origin } from '../../../shared/events/event.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { clientAddress } from './client-address.ts'
import type { Origins } from './trusted-origins.ts'

const agentMax = 256
const unprintable = /[^\x20-\x7e]/g

/** Where a request came from; the one place that reads it. */
export const requestOrigin = (ctx: Context, hops: number): Origin => {
  const agent = ctx.get('user-agent').replace(unprintable, '?').slice(0, agentMax)
  return { address: clientAddress(ctx, hops), agent: agent === '' ? null : agent }
}

const safeMethods = new Set(['', 'GET', 'HEAD', 'OPTIONS'])

const refusal = (origin: string): AuthError => {
  const isShown = /^https?:\/\/[\x21-\x7e]{1,200}$/.test(origin)
  const whose = isShown ? origin : 'another origin, which the browser does not tell'
  return new AuthError(
    'ORIGIN_REFUSED',
    `This request came from a page of ${whose}. CURFEW_TRUSTED_ORIGINS names the pages that may.`,
  )
}

/**
 * Refuses writes that a foreign page made a browser send. Where the browser says how the page
 * stands to the address that it called (`Sec-Fetch-Site`, which no script can set), that decides:
 * pages without referrers send `Origin: null` to their own address too, and a service behind a
 * proxy has an origin that the gateway never heard of. Without it, as on http beyond loopback,
 * `Origin` has to be an own one. A request with neither is no browser's (curl, services).
 * @throws AuthError ORIGIN_REFUSED
 */
export const refuseForeignWrite = (ctx: Context, origins: Origins, method = ctx.method): void => {
  if (safeMethods.has(method)) return
  const origin = ctx.get('origin')
  if (origins.isTrusted(origin)) return
  switch (ctx.get('sec-fetch-site')) {
    case 'same-origin':
    case 'none': // Nobody's page: typed, or an extension of the browser.
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

/** @throws AuthError ORIGIN_REFUSED, of a preflight too: the developer of the page looks there. */
export const refuseForeignPages =
  (origins: Origins, isPageRoute: (path: string, method: string) => boolean): Middleware =>
  async (ctx, next) => {
    const asked = isPreflight(ctx) ? ctx.get('access-control-request-method') : null
    if (asked !== null && isPageRoute(ctx.path, asked)) throw refusal(ctx.get('origin'))
    refuseForeignWrite(ctx, origins)
    return next()
  }
