import { Drain, defaultDrainMs } from '../../shared/http/drain.ts'
import type { Health } from '../../shared/http/health.ts'
import { listen } from '../../shared/http/listen.ts'
import { isSafeUrl } from '../../shared/kernel/addresses/safe-url.ts'
import { type Env, readConfig } from '../../shared/kernel/config.ts'
import { Lifecycle } from '../../shared/kernel/lifecycle.ts'
import { processContext } from '../../shared/kernel/process/process-context.ts'
import { Meter } from '../../shared/metrics/meter.ts'
import { serveMetrics } from '../../shared/metrics/metrics-server.ts'
import { createConsoleApp, GatewayDoor, GatewayWatch } from './alone/index.ts'
import { consoleFields } from './config.ts'

/**
 * Runs a console alone until `stop` aborts. It keeps nothing, and needs nothing but its gateway;
 * any number may run.
 */
export const runConsole = async (env: Env, stop: AbortSignal): Promise<void> => {
  const config = readConfig(consoleFields, env)
  const { gatewayUrl: gateway } = config
  const context = processContext('console', config.logLevel)
  const { logger } = context
  const parts = new Lifecycle()
  const drain = new Drain()
  try {
    if (!isSafeUrl(gateway, false)) {
      const problem = 'the gateway is asked by http: passwords and cookies go there as they are'
      logger.warn({ gateway: gateway.href }, problem)
    }
    const watch = await parts.use(
      new GatewayWatch({ ...context, gateway, withinMs: config.readyWithinMs }),
    )
    watch.follow()
    const health = (): Health => ({ gateway: watch.health() })
    const door = new GatewayDoor({ gateway })
    const base = gateway.pathname.replace(/\/+$/, '')
    const app = createConsoleApp({ base, door, watch, health: drain.shown(health), logger })
    const server = await parts.use(listen(app.callback(), config, drain))
    // Closed first: a stream would hold the server until it is cut.
    await parts.use(door)
    const metrics = await parts.use(serveMetrics({ meter: new Meter(), health }, config))
    const listening = { url: `${server.url}${base}/console`, metrics: metrics.url }
    logger.info({ ...listening, gateway: gateway.href }, 'console listens')
    await drain.served({ ...context, stop, health, ms: config.drainMs ?? defaultDrainMs })
    logger.info({}, 'console stops')
  } finally {
    await parts.close()
  }
}
