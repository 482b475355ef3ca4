import type { Context, Middleware } from 'koa'
import type { Origin } from '../../../shared/events/event.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'

const agentMax = 256
const unprintable = /[^\x20-\x7e]/g

/**
 * Where a request came from. `X-Forwarded-For` counts only behind `hops` proxies of one's own, and
 * then the entry that the outermost of them wrote: what stands left of it is the client's claim.
 */
export const requestOrigin = (ctx: Context, hops: number): Origin => {
  const agent = ctx.get('user-agent').replace(unprintable, '?').slice(0, agentMax)
  return { address: clientAddress(ctx, hops), agent: agent === '' ? null : agent }
}

const clientAddress = (ctx: Context, hops: number): string | null => {
  const peer = ctx.req.socket.remoteAddress ?? null
  if (hops === 0) return peer
  const header = ctx.get('x-forwarded-for')
  if (header.length > 2_048) return peer
  const chain = header.split(',').map((part) => part.trim())
  const claimed = chain.at(-hops) ?? ''
  return /^[0-9a-fA-F.:]{2,45}$/.test(claimed) ? claimed : peer
}

const safeMethods = new Set(['', 'GET', 'HEAD', 'OPTIONS'])

/**
 * Refuses writes that a foreign page made a browser send. A request with neither header is no
 * browser's (curl, services) and passes; browsers send `Sec-Fetch-Site` since 2023 and `Origin` on
 * every cross-site POST.
 * @throws AuthError ORIGIN_REFUSED
 */
export const refuseForeignWrite = (
  ctx: Context,
  ownOrigins: ReadonlySet<string>,
  method = ctx.method,
): void => {
  if (safeMethods.has(method)) return
  const origin = ctx.get('origin')
  const isForeign = origin !== '' && !ownOrigins.has(origin)
  if (ctx.get('sec-fetch-site') === 'cross-site' || isForeign) {
    throw new AuthError('ORIGIN_REFUSED', 'This request came from a page of another site.')
  }
}

export const refuseForeignPages =
  (ownOrigins: ReadonlySet<string>): Middleware =>
  async (ctx, next) => {
    refuseForeignWrite(ctx, ownOrigins)
    return next()
  }

/** The origins of `publicUrl`, and on loopback all names of this machine at the same port. */
export const ownOrigins = (publicUrl: URL, trusted: readonly string[]): ReadonlySet<string> => {
  const origins = new Set([publicUrl.origin, ...trusted])
  const isLoopback = ['localhost', '127.0.0.1', '[::1]'].includes(publicUrl.hostname)
  if (isLoopback) {
    for (const name of ['localhost', '127.0.0.1', '[::1]']) {
      const url = new URL(publicUrl)
      url.hostname = name
      origins.add(url.origin)
    }
  }
  return origins
}
