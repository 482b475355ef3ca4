import { backendMistakes } from '../../shared/backends/config.ts'
import { Drain, defaultDrainMs } from '../../shared/http/drain.ts'
import { listen } from '../../shared/http/listen.ts'
import { type Env, readConfig, refuse } from '../../shared/kernel/config.ts'
import { Lifecycle } from '../../shared/kernel/lifecycle.ts'
import { processContext } from '../../shared/kernel/process/process-context.ts'
import { guardMetricsText } from '../../shared/metrics/guard-metrics-text.ts'
import { Meter } from '../../shared/metrics/meter.ts'
import { serveMetrics } from '../../shared/metrics/metrics-server.ts'
import { openVerifyingKeys } from '../../shared/tokens/configured-keys/index.ts'
import { composeOrders } from './compose.ts'
import { keyMistakes, ordersFields, ordersMistakes } from './config.ts'

import { openFeed } from './open-feed.ts'

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
