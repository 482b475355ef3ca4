import { logRevocationFeed } from '../../shared/adapters/log-feed/revocation-feed.ts'
import type { Backends } from '../../shared/backends/backends.ts'
import { fixedKeys } from '../../shared/guard/index.ts'
import { type Listening, listen } from '../../shared/http/listen.ts'
import type { Lifecycle } from '../../shared/kernel/lifecycle.ts'
import { guardMetricsText } from '../../shared/metrics/guard-metrics-text.ts'
import type { Meter } from '../../shared/metrics/meter.ts'
import { topicMetricsText } from '../../shared/metrics/prometheus-text.ts'
import type { EventLog } from '../../shared/ports/event-log.ts'
import type { AccessKeys, KeyFiles } from '../../shared/tokens/key-rings/index.ts'
import { publicUrlOf } from '../gateway/config.ts'
import { composeOrders, type Orders, type OrdersPorts } from '../orders/compose.ts'
import type { OrdersConfig } from '../orders/config.ts'
import { startProjector } from '../projector/projector.ts'
import { localFetch } from './local-fetch.ts'
import type { PartOptions } from './open-gateway.ts'

export type RunningOrders = Orders & Readonly<{ url: string }>

type Sources = Readonly<{
  keys: KeyFiles
  access: AccessKeys
  backends: Backends
  log: EventLog
  meter: Meter
  gatewayUrl: string
}>

type OrdersParts = Omit<OrdersPorts, 'feed' | 'feedKind'> &
  Readonly<{ log: EventLog; ring: KeyFiles['mac'] }>

const openOrders = async (
  lifecycle: Lifecycle,
  { log, ...ports }: OrdersParts,
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

/**
 * Starts what follows the log: the projector, and `count` times the sample service `orders`. The
 * first listens on CURFEW_ORDERS_PORT, the others on free ports.
 */
export const openConsumers = async (
  { config, context, drain }: PartOptions,
  { keys, access, backends, log, meter, gatewayUrl }: Sources,
  lifecycle: Lifecycle,
  count: number,
): Promise<readonly RunningOrders[]> => {
  const view = backends.view()
  const rings = {
    ring: keys.mac,
    events: { ring: keys.events, unsigned: config.unsignedEvents },
  }
  const stores = { view, sessions: backends.sessions(), personalKeys: backends.personalKeys() }
  const projecting = { ...context, log, meter, ...stores, ...rings }
  await lifecycle.use(startProjector(projecting))
  const ordersConfig: OrdersConfig = {
    ...config,
    port: config.ordersPort,
    publicUrl: publicUrlOf(config),
    gatewayUrl: new URL(config.basePath, gatewayUrl),
  }
  const guardKeys = fixedKeys(access)
  const shared = { ...context, log, ring: keys.mac, keys: guardKeys, drain, fetch: localFetch }
  const orders = await openOrders(lifecycle, shared, ordersConfig, count)
  meter.add(() =>
    guardMetricsText(orders.map(({ guard }, index) => [`orders-${index + 1}`, guard])),
  )
  meter.add(() => topicMetricsText(log))
  return orders
}

const readyPollMs = 5

export const allReady = async (
  orders: readonly Orders[],
  { clock }: PartOptions['context'],
): Promise<void> => {
  while (!orders.every(({ guard }) => guard.ready())) await clock.sleep(readyPollMs)
}
