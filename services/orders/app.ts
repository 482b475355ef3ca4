import Router from '@koa/router'
import Koa from 'koa'
import type { Guard } from '../../shared/guard/guard.ts'
import { type Caller, type GuardKoaOptions, guardKoa } from '../../shared/guard/koa.ts'
import { type Health, healthRoutes, ok, unready } from '../../shared/http/health.ts'

type OrdersParts = Readonly<{
  guard: Guard
  http: GuardKoaOptions
  userIdClaim: string
  /** What `/readyz` says, where it is more than the guard's. */
  health?: () => Health
}>

const sampleOrders = [
  { id: 1, item: 'tea', total: '4.20' },
  { id: 2, item: 'biscuits', total: '2.80' },
] as const

/** What `/readyz` shows of a service with a guard. */
export const guardHealth = ({ guard }: Pick<OrdersParts, 'guard'>): Health => {
  const { keysReady, caughtUp, stalenessMs, ready } = guard.status()
  const age = stalenessMs === null ? 'of unknown age' : `${Math.round(stalenessMs)} ms old at most`
  return {
    keys: keysReady ? ok() : unready('the key set was not fetched yet'),
    log: caughtUp ? ok() : unready('the log is still being read'),
    revocations: ready ? ok(age) : unready(age),
  }
}

/** A service behind a guard: all that differs from one without is `router.use(guardKoa(…))`. */
export const createOrdersApp = (parts: OrdersParts): Koa => {
  const { guard, http, userIdClaim, health = () => guardHealth(parts) } = parts
  const router = new Router()
  router.use(guardKoa(guard, http))
  router.get('/orders', (ctx) => {
    const { claims }: Caller = ctx.state['caller']
    ctx.set('Cache-Control', 'no-store')
    ctx.body = { user_id: claims[userIdClaim] ?? claims.sub, orders: sampleOrders }
  })
  const app = new Koa()
  app.use(healthRoutes(health))
  app.use(router.routes())
  app.use(router.allowedMethods())
  return app
}
