import type { Middleware } from 'koa'

/** `ok`, or why not, in words for the person who is paged. */
export type PartHealth = Readonly<{ ready: boolean; state: string }>
export type Health = Readonly<Record<string, PartHealth>>

/**
 * `GET /healthz`: the process answers. `GET /readyz`: whether it should get traffic, and which part
 * is not ready. Both are open and say nothing that a caller could use but that.
 */
export const healthRoutes =
  (health: () => Health): Middleware =>
  async (ctx, next) => {
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') return next()
    if (ctx.path === '/healthz') {
      ctx.body = { status: 'ok' }
      return
    }
    if (ctx.path !== '/readyz') return next()
    const parts = health()
    const ready = Object.values(parts).every((part) => part.ready)
    ctx.status = ready ? 200 : 503
    if (!ready) ctx.set('Retry-After', '1')
    ctx.body = {
      ready,
      parts: Object.fromEntries(Object.entries(parts).map(([name, { state }]) => [name, state])),
      notReady: Object.keys(parts).filter((name) => !parts[name]?.ready),
    }
  }
