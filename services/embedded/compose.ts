import { join } from 'node:path'
import { logRevocationFeed } from '../../shared/adapters/log-feed/log-feed.ts'
import type { Backends } from '../../shared/backends/backends.ts'
import {
  backendFields,
  backendMistakes,
  describeBackend,
  topicsOf,
} from '../../shared/backends/config.ts'
import { directoryFields, directoryMistakes } from '../../shared/backends/directory-fields.ts'
import { openBackends } from '../../shared/backends/open-backends.ts'
import { openOwnDirectory } from '../../shared/backends/open-directory.ts'
import type { MacRing } from '../../shared/events/record-mac.ts'
import { fixedKeys } from '../../shared/guard/index.ts'
import { type Drain, drainFields } from '../../shared/http/drain.ts'
import { type Listening, listen } from '../../shared/http/listen.ts'
import { type Env, readConfig, refuse, type Values } from '../../shared/kernel/config.ts'
import type { AuthError } from '../../shared/kernel/errors.ts'
import { aborted, type Closable, Lifecycle } from '../../shared/kernel/lifecycle.ts'
import type { ProcessContext } from '../../shared/kernel/process/process-context.ts'
import { guardMetricsText } from '../../shared/metrics/guard-metrics-text.ts'
import { Meter } from '../../shared/metrics/meter.ts'
import { meteredLog } from '../../shared/metrics/metered-log.ts'
import { meteredStore } from '../../shared/metrics/metered-store.ts'
import { serveMetrics } from '../../shared/metrics/metrics-server.ts'
import { topicMetricsText } from '../../shared/metrics/topic-metrics-text.ts'
import type { EventLog } from '../../shared/ports/event-log.ts'
import { longestLifetimeMs } from '../../shared/session/session-policy.ts'
import { openKeyFiles } from '../../shared/tokens/key-rings/index.ts'
import { composeGateway, type Gateway } from '../gateway/compose.ts'
import { configMistakes, gatewayFields, publicUrlOf } from '../gateway/config.ts'
import { attachedGuardLines } from '../gateway/guards/index.ts'
import { watchKeys } from '../gateway/lifecycle/index.ts'
import { composeOrders, type Orders, type OrdersPorts } from '../orders/compose.ts'
import { type OrdersConfig, ordersFields } from '../orders/config.ts'
import { besideFeed } from '../projector/feed/feed-server.ts'
import { feedFields, openFeed } from '../projector/feed/open-feed.ts'
import { startProjector } from '../projector/projector.ts'
import { localFetch } from './local-fetch.ts'

export const embeddedFields = {
  ...ordersFields,
  ...gatewayFields,
  ...directoryFields,
  ...backendFields,
  ...feedFields,
  ...drainFields,
  ordersPort: ordersFields.port,
}
export type EmbeddedConfig = Values<typeof embeddedFields>

/** @throws AuthError CONFIG_INVALID with every mistake. */
export const readEmbeddedConfig = (env: Env): EmbeddedConfig => {
  const config = readConfig(embeddedFields, env)
  refuse([
    ...configMistakes(config),
    ...directoryMistakes(config),
    ...backendMistakes(config, true),
  ])
  return config
}

export type RunningOrders = Orders & Readonly<{ url: string }>
export type Running = Closable &
  Readonly<{
    gateway: Gateway
    gatewayUrl: string
    /** `null` if no port for metrics is set. */
    metricsUrl: string | null
    orders: readonly RunningOrders[]
    backend: string
    /** Resolves with an error that waiting cannot mend; never if there is none. */
    fatal: Promise<AuthError>
  }>

type Options = Readonly<{
  config: EmbeddedConfig
  context: ProcessContext
  /** Instances of `orders`; the first listens on CURFEW_ORDERS_PORT, the others on free ports. */
  ordersCount?: number
  /** The drain of the process: once it begins, `/readyz` says not ready. */
  drain?: Drain | null
}>

const readyPollMs = 5

/**
 * Starts gateway, projector and `orders` in one process, on LMDB, or on Kafka and MongoDB if the
 * configuration names them. Resolves when the gateway may sign and every guard is ready; rejects
 * with an error that waiting cannot mend.
 */
export const startEverything = async (options: Options): Promise<Running> => {
  const lifecycle = new Lifecycle()
  try {
    return await open(options, lifecycle)
  } catch (error) {
    await lifecycle.close()
    throw error
  }
}

/** As `startEverything`; `null` if `stop` aborts before everything is ready. */
export const startUnlessStopped = async (
  options: Options,
  stop: AbortSignal,
): Promise<Running | null> => {
  const lifecycle = new Lifecycle()
  try {
    const opening = open(options, lifecycle)
    opening.catch(() => {}) // After a stop, opening fails because its parts are closed.
    const running = await Promise.race([opening, aborted(stop)])
    if (running) return running
    await lifecycle.close()
    return null
  } catch (error) {
    await lifecycle.close()
    throw error
  }
}

const open = async (
  { config, context, ordersCount = 1, drain = null }: Options,
  lifecycle: Lifecycle,
): Promise<Running> => {
  const dir = config.keysDir ?? join(config.dataDir, 'keys')
  const { algorithm: alg, groupAccess } = config
  const keys = await openKeyFiles({ dir, entropy: context.entropy, alg, groupAccess })
  const keyWatch = await lifecycle.use(watchKeys({ ...context, keys }))
  const backends = await openBackends({
    ...context,
    config,
    parts: lifecycle,
    service: 'embedded',
    fleet: keys.mac.fleet,
    longestLifetimeMs: longestLifetimeMs(config),
    refusesWrongTopics: true,
    writerThread: true,
  })
  const meter = new Meter()
  const log = meteredLog(await backends.log('writer'), meter, context.clock)
  const ownDirectory = openOwnDirectory(config, context)
  const stores = storesOf(backends)
  const store = meteredStore(stores.store, meter, context.clock)
  const troubles = { store: backends.trouble, keys: keyWatch.trouble }
  const gatewayStores = { ...stores, store, ownDirectory, topics: topicsOf(config) }
  const ports = { ...context, keys, log, ...gatewayStores, meter, drain, troubles }
  const gateway = await lifecycle.use(composeGateway(ports, config))
  const logFeed = logRevocationFeed(log, keys.mac, context.clock)
  const feed = await openFeed({ ...context, feed: logFeed, parts: lifecycle }, config)
  const callback = gateway.app.callback()
  const handler = feed ? besideFeed(feed.server, callback) : callback
  const server = await lifecycle.use(listen(handler, config, drain))
  await lifecycle.use(gateway.polls)
  if (feed) await lifecycle.use(feed.server)
  const { fatal } = gateway
  await unlessFatal(gateway.prepared, fatal)
  const { sessions } = ports
  const view = backends.view()
  await lifecycle.use(startProjector({ ...context, log, view, sessions, ring: keys.mac }))
  const ordersConfig: OrdersConfig = {
    ...config,
    port: config.ordersPort,
    publicUrl: publicUrlOf(config),
    gatewayUrl: new URL(config.basePath, server.url),
  }
  const guardKeys = fixedKeys(gateway.access)
  const shared = { ...context, log, ring: keys.mac, keys: guardKeys, drain, fetch: localFetch }
  const orders = await openOrders(lifecycle, shared, ordersConfig, ordersCount)
  meter.add(() =>
    guardMetricsText(orders.map(({ guard }, index) => [`orders-${index + 1}`, guard])),
  )
  meter.add(() => attachedGuardLines(gateway.rooms))
  meter.add(() => topicMetricsText(log))
  const { url = null } = await lifecycle.use(
    serveMetrics({ meter, health: gateway.health }, config),
  )
  await unlessFatal(allReady(orders, context), fatal)
  const backend = describeBackend(config)
  const urls = { gatewayUrl: server.url, metricsUrl: url }
  return { gateway, ...urls, orders, backend, fatal, close: () => lifecycle.close() }
}

const storesOf = (backends: Backends) => ({
  store: backends.store(),
  directory: backends.directory(),
  limits: backends.limits(),
  sessions: backends.sessions(),
  guards: backends.guards(),
  receivers: backends.receivers(),
})

const openOrders = async (
  lifecycle: Lifecycle,
  {
    log,
    ...ports
  }: Omit<OrdersPorts, 'feed' | 'feedKind'> & Readonly<{ log: EventLog; ring: MacRing }>,
  config: OrdersConfig,
  count: number,
): Promise<RunningOrders[]> => {
  const opened: RunningOrders[] = []
  for (let index = 0; index < count; index += 1) {
    const feed = logRevocationFeed(log, ports.ring, ports.clock)
    const orders = await lifecycle.use(composeOrders({ ...ports, feed, feedKind: 'log' }, config))
    const listenOn = { ...config, port: index === 0 ? config.port : 0 }
    const app = orders.app.callback()
    const server: Listening = await lifecycle.use(listen(app, listenOn, ports.drain))
    opened.push({ ...orders, url: server.url })
  }
  return opened
}

const allReady = async (orders: readonly Orders[], { clock }: ProcessContext): Promise<void> => {
  while (!orders.every(({ guard }) => guard.ready())) await clock.sleep(readyPollMs)
}

const unlessFatal = async (work: Promise<void>, fatal: Promise<AuthError>): Promise<void> => {
  const problem = await Promise.race([work, fatal])
  if (problem) throw problem
}
