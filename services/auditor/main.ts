import { logRevocationFeed } from '../../shared/adapters/log-feed/revocation-feed.ts'
import { backendMistakes } from '../../shared/backends/config.ts'
import { openBackends } from '../../shared/backends/open-backends.ts'
import { refuseForeignTopics } from '../../shared/fleet/topic-owner.ts'
import { Drain, defaultDrainMs } from '../../shared/http/drain.ts'
import { type Health, healthRoutes, unready } from '../../shared/http/health.ts'
import { koaApp } from '../../shared/http/koa-app.ts'
import { listen } from '../../shared/http/listen.ts'
import { logHealth } from '../../shared/http/log-health.ts'
import { openLogReaderRings } from '../../shared/http/log-reader-rings.ts'
import { type Env, readConfig, refuse } from '../../shared/kernel/config.ts'
import { Lifecycle } from '../../shared/kernel/lifecycle.ts'
import { processContext } from '../../shared/kernel/process/process-context.ts'
import { Meter } from '../../shared/metrics/meter.ts'
import { meteredLog } from '../../shared/metrics/metered-log.ts'
import { serveMetrics } from '../../shared/metrics/metrics-server.ts'
import { tracedLog } from '../../shared/tracing/traced-log.ts'
import { openTracing } from '../../shared/tracing/tracing.ts'
import { cachedHeads } from '../../shared/trail-heads/cached-heads.ts'
import { Auditor } from './auditor.ts'
import { auditorFields } from './config.ts'
import { headRoute } from './head-route.ts'
import { openTrailHeads } from './heads/index.ts'
import { watchedIndex } from './indexing/index.ts'
import { openRetention } from './open-retention.ts'
import { ReceiptServer } from './receipt-server.ts'
import { trailPlan } from './trail-settings.ts'
import { openWitnessRounds } from './witnesses/index.ts'

/** The log keeps a day at least; gateways, which know the lifetimes of tokens, set more. */
const longestLifetimeMs = 0

/** Legal holds are in the database. */
const retentionMistakes = (
  config: Readonly<{ auditRetentionMs: number | null; mongodbUrl: unknown }>,
): readonly string[] =>
  config.auditRetentionMs === null || config.mongodbUrl !== null
    ? []
    : ['CURFEW_AUDIT_RETENTION takes CURFEW_MONGODB_URL, where legal holds are']

/** Runs one auditor until `stop` aborts. Any number may run, each with a trail of its own. */
export const runAuditor = async (env: Env, stop: AbortSignal): Promise<void> => {
  const config = readConfig(auditorFields, env)
  refuse([...backendMistakes(config, false), ...retentionMistakes(config)])
  const context = processContext('auditor', config.logLevel)
  const parts = new Lifecycle()
  const drain = new Drain()
  try {
    const rings = await openLogReaderRings(config, { ...context, parts }, stop)
    if (!rings) return
    const { ring, events } = rings
    const backends = await openBackends({
      ...{ ...context, config, parts, longestLifetimeMs },
      ...{ service: 'auditor', fleet: ring.fleet },
    })
    const meter = new Meter()
    const read = meteredLog(await backends.log('auditor'), meter, context.clock)
    const log = tracedLog(read, await openTracing(context.logger))
    await refuseForeignTopics({ ...context, log, ring })
    const feed = logRevocationFeed(log, ring, context.clock)
    const plan = trailPlan(config)
    const auditor = await parts.use(new Auditor({ ...context, log, feed, meter, plan, events }))
    auditor.start()
    const witnessing = { ...context, ...plan, meter, witnesses: config.auditWitnesses }
    const rounds = await openWitnessRounds(witnessing, parts)
    // Without a database there is a trail, and nothing to ask.
    const index = config.mongodbUrl === null ? null : await parts.use(backends.audit())
    const indexing = { ...context, log, events, meter }
    const store = index && (await parts.use(backends.store()))
    const asking = index && store && (await parts.use(watchedIndex({ ...indexing, index, store })))
    asking?.start()
    const retaining = { ...context, plan, index, ageMs: config.auditRetentionMs }
    await openRetention({ ...retaining, store: () => backends.store() }, parts)
    const app = koaApp()
    const health = (): Health => ({
      trail: auditor.health(),
      ...(rounds && { witnesses: rounds.health() }),
      log: logHealth(log, unready('does not answer')),
      keys: rings.health(),
      ...(asking && { index: asking.health() }),
    })
    app.use(healthRoutes(drain.shown(health)))
    const heads = cachedHeads(openTrailHeads(plan.dir), context.clock)
    app.use(headRoute({ heads, logger: context.logger }))
    app.use(new ReceiptServer({ auditor, clients: config.serviceClients, ...context }).route())
    const server = await parts.use(listen(app.callback(), config, drain))
    const metrics = await parts.use(serveMetrics({ meter, health }, config))
    context.logger.info(
      { url: server.url, metrics: metrics.url, trail: plan.dir, origin: plan.host },
      'auditor follows the log',
    )
    await drain.served({ ...context, stop, health, ms: config.drainMs ?? defaultDrainMs })
    context.logger.info({}, 'auditor stops')
  } finally {
    await parts.close()
  }
}
