import { join } from 'node:path'
import { type RevocationFeed, sseRevocationFeed } from 'curfew-guard'
import { kafkaRevocationFeed, type MacRing } from 'curfew-guard/kafka'
import { logRevocationFeed } from '../../shared/adapters/log-feed/revocation-feed.ts'
import { backendMistakes, describeBackend, kafkaAccessOf } from '../../shared/backends/config.ts'
import { openBackends } from '../../shared/backends/open-backends.ts'
import { Drain, defaultDrainMs } from '../../shared/http/drain.ts'
import { listen } from '../../shared/http/listen.ts'
import { type Env, readConfig, refuse } from '../../shared/kernel/config.ts'
import { Lifecycle } from '../../shared/kernel/lifecycle.ts'
import { type ProcessContext, processContext } from '../../shared/kernel/process/process-context.ts'
import { guardMetricsText } from '../../shared/metrics/guard-metrics-text.ts'
import { Meter } from '../../shared/metrics/meter.ts'
import { serveMetrics } from '../../shared/metrics/metrics-server.ts'
import { openVerifyingKeys } from '../../shared/tokens/configured-keys/index.ts'
import { awaitMacRing } from '../../shared/tokens/key-rings/index.ts'
import { composeOrders } from './compose.ts'
import { keyMistakes, type OrdersConfig, ordersFields, ordersMistakes } from './config.ts'
import { type FeedKind, feedKindOf } from './feed-settings.ts'

type OpenDeps = ProcessContext & Readonly<{ parts: Lifecycle }>
type OpenedFeed = Readonly<{
  feed: RevocationFeed
  feedKind: FeedKind
  ring: MacRing | null
  source: string
}>

/** Opens the feed that the settings name; `null` if `stop` aborts while it waits for the ring. */
const openFeed = async (
  config: OrdersConfig,
  deps: OpenDeps,
  stop: AbortSignal,
): Promise<OpenedFeed | null> => {
  const { clock } = deps
  const { feedUrl: url, feedClient: clientId, feedSecret: secret } = config
  const feedKind = feedKindOf(config)
  if (feedKind === 'sse' && url && clientId && secret) {
    const insecure = config.feedInsecure
    const feed = sseRevocationFeed({ url, clientId, secret, insecure, clock })
    return { feed, feedKind, ring: null, source: url.href }
  }
  const macFile = config.logMacFile ?? join(config.dataDir, 'keys/log-mac.json')
  const followed = await awaitMacRing(macFile, { ...deps, ...config }, stop)
  if (!followed) return null
  const { ring } = await deps.parts.use(followed)
  if (feedKind === 'kafka') {
    const access = { clientId: 'curfew-orders', logLevel: config.logLevel }
    const feed = kafkaRevocationFeed({ ...kafkaAccessOf(config), ...access }, ring)
    const source = `Kafka ${config.kafkaBrokers.join(', ')}, in a thread`
    return { feed, feedKind, ring, source }
  }
  const service = { service: 'orders', fleet: ring.fleet, longestLifetimeMs: 0 }
  const backends = await openBackends({ ...deps, ...service, config })
  const log = await backends.log('reader')
  const feed = logRevocationFeed(log, ring, clock)
  return { feed, feedKind, ring, source: describeBackend(config) }
}

/**
 * Runs the sample service until `stop` aborts. It reads the log itself, or the feed of a projector,
 * and needs no MongoDB.
 */
export const runOrders = async (env: Env, stop: AbortSignal): Promise<void> => {
  const config = readConfig(ordersFields, env)
  refuse([...backendMistakes(config, false), ...keyMistakes(config), ...ordersMistakes(config)])
  const context = processContext('orders', config.logLevel)
  const parts = new Lifecycle()
  const drain = new Drain()
  try {
    const verifying = await openVerifyingKeys(config)
    const opened = await openFeed(config, { ...context, parts }, stop)
    if (!opened) return
    const orders = await parts.use(
      composeOrders({ ...context, ...opened, verifying, drain }, config),
    )
    const server = await parts.use(listen(orders.app.callback(), config, drain))
    const meter = new Meter()
    meter.add(() => guardMetricsText([['orders', orders.guard]]))
    const metrics = await parts.use(serveMetrics({ meter, health: orders.health }, config))
    const listening = { url: server.url, metrics: metrics.url, on: opened.source }
    context.logger.info(listening, 'orders listens')
    const { health } = orders
    await drain.served({ ...context, stop, health, ms: config.drainMs ?? defaultDrainMs })
    context.logger.info({}, 'orders stops')
  } finally {
    await parts.close()
  }
}
