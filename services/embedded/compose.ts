import { describeBackend } from '../../shared/backends/config.ts'
import type { Drain } from '../../shared/http/drain.ts'
import type { AuthError } from '../../shared/kernel/errors.ts'
import { aborted, type Closable, Lifecycle } from '../../shared/kernel/lifecycle.ts'
import type { ProcessContext } from '../../shared/kernel/process/process-context.ts'
import { serveMetrics } from '../../shared/metrics/metrics-server.ts'
import type { Gateway } from '../gateway/compose.ts'
import type { EmbeddedConfig } from './config.ts'
import { allReady, openConsumers, type RunningOrders } from './open-consumers.ts'
import { openGateway } from './open-gateway.ts'
import { unlessFatal } from './unless-fatal.ts'

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
  const options = { config, context, drain, audits: true }
  const serving = await openGateway(options, lifecycle)
  const { gateway, meter, url: gatewayUrl } = serving
  const { fatal, health } = gateway
  await unlessFatal(gateway.prepared, fatal)
  const sources = { ...serving, access: gateway.access, gatewayUrl }
  const orders = await openConsumers(options, sources, lifecycle, ordersCount)
  const metrics = await lifecycle.use(serveMetrics({ meter, health }, config))
  await unlessFatal(allReady(orders, context), fatal)
  const urls = { gatewayUrl, metricsUrl: metrics.url ?? null }
  const backend = describeBackend(config)
  return { gateway, ...urls, orders, backend, fatal, close: () => lifecycle.close() }
}
