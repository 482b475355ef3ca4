import { logRevocationFeed } from '../../shared/adapters/log-feed/revocation-feed.ts'
import { backendMistakes, describeBackend } from '../../shared/backends/config.ts'
import { openBackends } from '../../shared/backends/open-backends.ts'
import { refuseForeignTopics } from '../../shared/fleet/topic-owner.ts'
import { Drain, defaultDrainMs } from '../../shared/http/drain.ts'
import { type Health, healthRoutes } from '../../shared/http/health.ts'
import { koaApp } from '../../shared/http/koa-app.ts'
import { listen } from '../../shared/http/listen.ts'
import { openLogReaderRings } from '../../shared/http/log-reader-rings.ts'
import { type Env, readConfig, refuse } from '../../shared/kernel/config.ts'
import { Lifecycle } from '../../shared/kernel/lifecycle.ts'
import { processContext } from '../../shared/kernel/process/process-context.ts'
import { Meter } from '../../shared/metrics/meter.ts'
import { meteredLog } from '../../shared/metrics/metered-log.ts'
import { serveMetrics } from '../../shared/metrics/metrics-server.ts'
import { topicMetricsText } from '../../shared/metrics/prometheus-text.ts'
import { tracedLog } from '../../shared/tracing/traced-log.ts'
import { openTracing } from '../../shared/tracing/tracing.ts'
import { projectorFields } from './config.ts'
import { openFeed } from './feed/open-feed.ts'
import { startProjector } from './projector.ts'
import { ViewHealthCheck } from './view-health-check.ts'

/** The log keeps a day at least; gateways, which know the lifetimes of tokens, set more. */
const longestLifetimeMs = 0

/** Runs one projector until `stop` aborts. Any number may run: fences decide which one folds. */
export const runProjector = async (env: Env, stop: AbortSignal): Promise<void> => {
  const config = readConfig(projectorFields, env)
  refuse(backendMistakes(config, true))
  const context = processContext('projector', config.logLevel)
  const parts = new Lifecycle()
  const drain = new Drain()
  try {
    const rings = await openLogReaderRings(config, { ...context, parts }, stop)
    if (!rings) return
    const { ring, events } = rings
    const backends = await openBackends({
      ...context,
      config,
      parts,
      service: 'projector',
      fleet: ring.fleet,
      longestLifetimeMs,
    })
    const meter = new Meter()
    const read = meteredLog(await backends.log('projector'), meter, context.clock)
    const log = tracedLog(read, await openTracing(context.logger))
    meter.add(() => topicMetricsText(log))
    await refuseForeignTopics({ ...context, log, ring })
    const evidence = await parts.use(new ViewHealthCheck(context.clock, config.readyWithinMs))
    const view = evidence.watching(await parts.use(backends.view()))
    const sessions = await parts.use(backends.sessions())
    const projector = await parts.use(
      startProjector({
        ...{ ...context, log, view, sessions, ring, events, meter },
        personalKeys: backends.personalKeys(),
        viewAgeMaxMs: config.viewAgeMaxMs,
      }),
    )
    const logFeed = logRevocationFeed(log, ring, context.clock)
    const feed = await openFeed({ ...context, feed: logFeed, parts }, config)
    const app = koaApp()
    const health = (): Health => ({
      ...evidence.over(projector.health(), backends.trouble()),
      keys: rings.health(),
      ...(feed && { feed: feed.hub.health() }),
    })
    app.use(healthRoutes(drain.shown(health)))
    if (feed) app.use(feed.server.route())
    const server = await parts.use(listen(app.callback(), config, drain))
    if (feed) await parts.use(feed.server)
    const metrics = await parts.use(serveMetrics({ meter, health }, config))
    context.logger.info(
      { url: server.url, metrics: metrics.url, on: describeBackend(config) },
      'projector follows the log',
    )
    await drain.served({ ...context, stop, health, ms: config.drainMs ?? defaultDrainMs })
    context.logger.info({}, 'projector stops')
  } finally {
    await parts.close()
  }
}
