import type { Middleware } from 'koa'
import { isStoreFailure } from '../kernel/errors.ts'
import type { CallHealth } from '../kernel/process/call-health.ts'

/**
 * `degraded`: it does its work, and a promise is weakened for a reason that somebody should hear
 * of. `unready`: it cannot do what it is there for.
 */
type HealthLevel = 'ok' | 'degraded' | 'unready'

/** `state` is `ok`, or what is so, in words for the person who is paged. */
export type PartHealth = Readonly<{ standing: HealthLevel; state: string }>
export type Health = Readonly<Record<string, PartHealth>>

export const ok = (state = 'ok'): PartHealth => ({ standing: 'ok', state })
export const degraded = (state: string): PartHealth => ({ standing: 'degraded', state })
export const unready = (state: string): PartHealth => ({ standing: 'unready', state })

/** The health of a process that was told to stop and still serves requests. */
export const draining = unready('draining')

export const namesOf = (parts: Health, standing: HealthLevel): string[] =>
  Object.keys(parts).filter((name) => parts[name]?.standing === standing)

const statusOf = (parts: Health): 'ready' | 'degraded' | 'unready' | 'draining' => {
  if (Object.values(parts).includes(draining)) return 'draining'
  if (namesOf(parts, 'unready').length > 0) return 'unready'
  return namesOf(parts, 'degraded').length > 0 ? 'degraded' : 'ready'
}

/**
 * `GET /healthz`: the process answers. `GET /readyz`: whether it should get traffic, and which part
 * is not ready or degraded. Both are open and say nothing that a caller could use but that, and
 * both answer while everything else hangs: `health` tells what is known, it asks nobody.
 */
export const healthRoutes =
  (health: () => Health): Middleware =>
  async (ctx, next) => {
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') return next()
    if (!['/healthz', '/readyz'].includes(ctx.path)) return next()
    const [unknown] = Object.keys(ctx.query)
    if (unknown !== undefined) {
      ctx.status = 400
      ctx.body = { [unknown.slice(0, 100)]: ['Unknown parameter.'] }
      return
    }
    if (ctx.path === '/healthz') {
      ctx.body = { status: 'ok' }
      return
    }
    const parts = health()
    const status = statusOf(parts)
    const ready = status === 'ready' || status === 'degraded'
    ctx.status = ready ? 200 : 503
    if (!ready) ctx.set('Retry-After', '1')
    ctx.body = {
      ready,
      status,
      parts: Object.fromEntries(Object.entries(parts).map(([name, { state }]) => [name, state])),
      notReady: namesOf(parts, 'unready'),
      degraded: namesOf(parts, 'degraded'),
    }
  }

/** What happened and the fix; where it happened is for the log, the page is open to anybody. */
export const storeReasonOf = (error: Error | null): string =>
  isStoreFailure(error) ? (error.message.split(' (at ', 1)[0] ?? '') : 'it does not answer'

export const inSeconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

/** A part that is ready while it was seen to work lately. */
export const healthOfCalls = (evidence: CallHealth, reason: string): PartHealth => {
  switch (evidence.state()) {
    case 'none':
      return unready(`not reached yet: ${reason}`)
    case 'old':
      return unready(`no answer for ${inSeconds(evidence.ageMs())}: ${reason}`)
    case 'settling':
      return unready('was away, and answers again for less than a second')
    case 'fresh':
      return ok()
  }
}
