import Router from '@koa/router'
import type { Guard, GuardStatus, OnStale } from 'curfew-guard'
import { type Caller, type GuardKoaOptions, guardKoa } from 'curfew-guard/koa'
import type Koa from 'koa'
import {
  degraded,
  type Health,
  healthRoutes,
  ok,
  type PartHealth,
  unready,
} from '../../shared/http/health.ts'
import { koaApp } from '../../shared/http/koa-app.ts'
import { deletedRecordsText } from '../../shared/kernel/logging/deleted-records-text.ts'

type OrdersParts = Readonly<{
  guard: Guard
  http: GuardKoaOptions
  userIdClaim: string
  /** The health for `/readyz`, if it is more than that of the guard. */
  health?: () => Health
  stale?: StalePolicy
}>

/** What a stale guard does, and whether the introspection answers. */
export type StalePolicy = Readonly<{ onStale: OnStale; introspects: () => boolean }>

const sampleOrders = [
  { id: 1, item: 'tea', total: '4.20' },
  { id: 2, item: 'biscuits', total: '2.80' },
] as const

const denying: StalePolicy = { onStale: 'deny', introspects: () => false }

/** Health of a stale guard: degraded while its policy lets it serve, else not ready. */
const staleHealth = (age: string, { onStale, introspects }: StalePolicy): PartHealth => {
  if (onStale === 'allow') return degraded(`${age}: accepted without being fresh`)
  if (onStale === 'deny') return unready(`${age}: stale, and requests are denied`)
  return introspects()
    ? degraded(`${age}: stale, and each token is introspected`)
    : unready(`${age}: stale, and the introspection does not answer`)
}

const ageOf = (stalenessMs: number | null, uncovered: GuardStatus['uncovered']): string => {
  if (uncovered !== undefined) return `of unknown age: ${deletedRecordsText(uncovered)}`
  return stalenessMs === null ? 'of unknown age' : `${Math.round(stalenessMs)} ms old at most`
}

/** What `/readyz` shows of a service with a guard. */
export const guardHealth = ({
  guard,
  stale = denying,
}: Pick<OrdersParts, 'guard' | 'stale'>): Health => {
  const { keysReady, caughtUp, stalenessMs, uncovered, fresh, trouble } = guard.status()
  const known = ageOf(stalenessMs, uncovered)
  const age = trouble === null ? known : `${known}: ${trouble}`
  return {
    keys: keysReady ? ok() : unready('the key set was not fetched yet'),
    log: caughtUp ? ok() : unready(trouble ?? 'the log is still being read'),
    revocations: fresh ? ok(age) : caughtUp ? staleHealth(age, stale) : unready(age),
  }
}

/** A service with a guard. Only `guardKoa(…)` before the handler differs from one without. */
export const createOrdersApp = (parts: OrdersParts): Koa => {
  const { guard, http, userIdClaim, health = () => guardHealth(parts) } = parts
  const router = new Router({ sensitive: true })
  router.get('/orders', guardKoa(guard, http), (ctx) => {
    const { claims }: Caller = ctx.state['caller']
    ctx.set('Cache-Control', 'no-store')
    ctx.body = { user_id: claims[userIdClaim] ?? claims.sub, orders: sampleOrders }
  })
  const app = koaApp()
  app.use(healthRoutes(health))
  app.use(router.routes())
  app.use(router.allowedMethods())
  return app
}
