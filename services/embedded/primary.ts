import { describeBackend } from '../../shared/backends/config.ts'
import { Drain } from '../../shared/http/drain.ts'
import { degraded, type Health, ok, unready } from '../../shared/http/health.ts'
import type { Env } from '../../shared/kernel/config.ts'
import { aborted, Lifecycle } from '../../shared/kernel/lifecycle.ts'
import { mergedMetrics } from '../../shared/metrics/merged-metrics.ts'
import { Meter } from '../../shared/metrics/meter.ts'
import { meteredLog } from '../../shared/metrics/metered-log.ts'
import { serveMetricsText, showParts } from '../../shared/metrics/metrics-server.ts'
import { openAccessKeys } from '../../shared/tokens/configured-keys/index.ts'
import { tracedLog } from '../../shared/tracing/traced-log.ts'
import { openTracing } from '../../shared/tracing/tracing.ts'
import { watchKeys } from '../gateway/lifecycle/index.ts'
import { openAuditor } from './open-auditor.ts'
import { allReady, openConsumers } from './open-consumers.ts'
import { backendsOf, keyFilesOf, type PartOptions, type StartOptions } from './open-gateway.ts'
import { printStart } from './print-start.ts'
import { makeWorkerEnvironment } from './worker-environment.ts'
import { WorkerPool } from './worker-pool.ts'
import { tellTrailHealth } from './worker-trail-health.ts'

const healthOf = (pool: WorkerPool, count: number): Health => {
  const ready = pool.readyCount()
  const state = `${ready} of ${count} workers are ready`
  if (ready === 0) return { workers: unready(state) }
  return { workers: ready < count ? degraded(state) : ok() }
}

/** The numbers of this process (worker 0) and of each worker, in one text. */
const metricsTextOf = async (meter: Meter, pool: WorkerPool): Promise<string> => {
  const own = await meter.text()
  const theirs = await pool.ask('metrics')
  return mergedMetrics('worker', new Map([['0', own], ...labelled(theirs)]))
}
const labelled = (texts: ReadonlyMap<number, string>): [string, string][] =>
  [...texts].map(([index, text]) => [String(index), text])

type Opened = Readonly<{ pool: WorkerPool; health: () => Health }>

const open = async (env: Env, options: PartOptions, lifecycle: Lifecycle): Promise<Opened> => {
  const { config, context } = options
  const { workers: count } = config
  const startedMs = context.clock.monotonicMs()
  // Before the workers: they find keys and store made.
  const keys = await keyFilesOf(config, context)
  await lifecycle.use(watchKeys({ ...context, keys }))
  const given = await lifecycle.use(makeWorkerEnvironment(env))
  const lmdbWriter = { kind: 'thread', serves: given.socket } as const
  const backends = await backendsOf({ ...options, lmdbWriter }, keys, lifecycle)
  const meter = new Meter()
  const read = meteredLog(await backends.log('projector'), meter, context.clock)
  const log = tracedLog(read, await openTracing(context.logger))
  const sourcesOfTrail = { keys, log, index: backends.audit(), store: () => backends.store() }
  const auditing = { ...sourcesOfTrail, meter, inFlight: null }
  const trail = await openAuditor(options, auditing, lifecycle)
  const access = await openAccessKeys(keys.access, config)
  const stopMs = (config.drainMs ?? 0) + config.stopTimeoutMs
  const limits = backends.limits()
  const pooling = { count, stopMs, env: given.env, limits }
  const pool = await lifecycle.use(new WorkerPool(pooling, context))
  if (trail) await lifecycle.use(tellTrailHealth(pool, trail.health, context.clock))
  const gatewayUrl = await pool.ready
  const sources = { keys, access, backends, log, meter, gatewayUrl }
  const orders = await openConsumers(options, sources, lifecycle, 1)
  const health = (): Health => ({
    ...healthOf(pool, count),
    ...(trail && { trail: trail.health() }),
  })
  const text = (): Promise<string> => metricsTextOf(meter, pool)
  if (config.metricsPort !== null) showParts(meter, health)
  const metrics = await lifecycle.use(serveMetricsText(text, meter.contentType, config))
  await allReady(orders, context)
  const firstUser = await pool.askFirst('firstUser')
  const urls = { gatewayUrl, metricsUrl: metrics.url ?? null }
  const tookMs = context.clock.monotonicMs() - startedMs
  printStart(config, { ...urls, orders, backend: describeBackend(config), firstUser, tookMs })
  return { pool, health }
}

/**
 * The first process of `curfew start` with several workers, until `stop` aborts. It makes the keys
 * and the store, starts the workers, which are gateways on one port, and follows the log for all of
 * them: projector, `orders`, the numbers.
 * @throws AuthError of a worker that cannot start
 */
export const runPrimary = async (
  env: Env,
  { config, context }: StartOptions,
  stop: AbortSignal,
): Promise<void> => {
  const lifecycle = new Lifecycle()
  const drain = new Drain()
  try {
    const opening = open(env, { config, context, drain }, lifecycle)
    opening.catch(() => {}) // After a stop, opening fails because its parts are closed.
    const opened = await Promise.race([opening, aborted(stop)])
    if (!opened) return
    const { pool, health } = opened
    stop.addEventListener('abort', () => pool.stop(String(stop.reason)), { once: true })
    await drain.served({ ...context, stop, health, ms: config.drainMs ?? 0 })
    context.logger.info({}, 'stopping')
  } finally {
    await lifecycle.close()
  }
}
