import { join } from 'node:path'
import { logRevocationFeed } from '../../shared/adapters/log-feed/log-feed.ts'
import { backendMistakes, describeBackend } from '../../shared/backends/config.ts'
import { openBackends } from '../../shared/backends/open-backends.ts'
import { listen } from '../../shared/http/listen.ts'
import { type Env, readConfig, refuse } from '../../shared/kernel/config.ts'
import type { AuthError } from '../../shared/kernel/errors.ts'
import { aborted, Lifecycle } from '../../shared/kernel/lifecycle.ts'
import { processContext } from '../../shared/kernel/process-context.ts'
import { openVerifyingKeys } from '../../shared/tokens/access-keys.ts'
import { awaitMacRing } from '../../shared/tokens/await-mac-ring.ts'
import { composeOrders } from './compose.ts'
import { keyMistakes, ordersFields } from './config.ts'

/**
 * The sample downstream service, until `stop` aborts: it reads the log itself and needs no MongoDB.
 */
export const runOrders = async (env: Env, stop: AbortSignal): Promise<void> => {
  const config = readConfig(ordersFields, env)
  refuse([...backendMistakes(config, false), ...keyMistakes(config)])
  const context = processContext('orders', config.logLevel)
  const parts = new Lifecycle()
  try {
    let fail: (error: AuthError) => void = () => {}
    const late = new Promise<AuthError>((resolve) => {
      fail = resolve
    })
    const verifying = await openVerifyingKeys(config)
    const macFile = config.logMacFile ?? join(config.dataDir, 'keys/log-mac.json')
    const ring = await awaitMacRing(macFile, context, stop)
    if (!ring) return
    const backends = await openBackends({
      ...context,
      config,
      parts,
      service: 'orders',
      longestLifetimeMs: 0,
      onFatal: (error) => fail(error),
    })
    const log = await backends.log('reader')
    const feed = logRevocationFeed(log, ring, context.clock)
    const orders = await parts.use(composeOrders({ ...context, feed, ring, verifying }, config))
    const server = await parts.use(listen(orders.app.callback(), config))
    context.logger.info({ url: server.url, on: describeBackend(config) }, 'orders listens')
    const problem = await Promise.race([aborted(stop), late])
    if (problem) throw problem
    context.logger.info({}, 'orders stops')
  } finally {
    await parts.close()
  }
}
