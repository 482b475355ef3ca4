import { join } from 'node:path'
import { openLmdb } from '../../shared/adapters/lmdb/environment/open-lmdb.ts'
import { lmdbWitnessedHeads } from '../../shared/adapters/lmdb/registries/witnessed-heads.ts'
import { Drain, defaultDrainMs } from '../../shared/http/drain.ts'
import { type Health, healthRoutes, ok, unready } from '../../shared/http/health.ts'
import { koaApp } from '../../shared/http/koa-app.ts'
import { listen } from '../../shared/http/listen.ts'
import { type Env, readConfig, refuse } from '../../shared/kernel/config.ts'
import { Lifecycle } from '../../shared/kernel/lifecycle.ts'
import { processContext } from '../../shared/kernel/process/process-context.ts'
import { Meter } from '../../shared/metrics/meter.ts'
import { serveMetrics } from '../../shared/metrics/metrics-server.ts'
import { publicBytesOf, verifierKey } from '../../shared/tlog/note-key.ts'
import { witnessFields } from './config.ts'
import { KnownLogs, Witness } from './witness.ts'

import { openWitnessKey } from './witness-key.ts'
import { WitnessServer } from './witness-server.ts'

/**
 * Runs one witness until `stop` aborts. It needs neither broker nor database: what it cosigned lies
 * in `witness` in its data folder. Several processes may share that folder.
 */
export const runWitness = async (env: Env, stop: AbortSignal): Promise<void> => {
  const config = readConfig(witnessFields, env)
  refuse(config.witnessLogs === null ? ['CURFEW_WITNESS_LOGS is not set: it knows no log'] : [])
  const context = processContext('witness', config.logLevel)
  const { clock, entropy, logger } = context
  const { groupAccess, dataDir, witnessName: name } = config
  const parts = new Lifecycle()
  const drain = new Drain()
  try {
    const dir = config.keysDir ?? join(dataDir, 'keys')
    const key = await openWitnessKey({ dir, entropy, groupAccess })
    const logs = new KnownLogs(config.witnessLogs ?? [])
    const path = join(dataDir, 'witness')
    const stored = await parts.use(openLmdb({ path, clock, logger }))
    const heads = lmdbWitnessedHeads(stored)
    const meter = new Meter()
    const witness = new Witness({ name, key, logs, heads, clock })
    const app = koaApp()
    const health = (): Health => ({
      store: stored.healthy() ? ok() : unready('what was cosigned cannot be kept'),
    })
    app.use(healthRoutes(drain.shown(health)))
    app.use(new WitnessServer({ witness, logger, meter }).route())
    const server = await parts.use(listen(app.callback(), config, drain))
    const metrics = await parts.use(serveMetrics({ meter, health }, config))
    const verifier = verifierKey({ name, kind: 'witness', publicBytes: publicBytesOf(key) })
    const listening = { url: server.url, metrics: metrics.url, verifier }
    logger.info(listening, 'witness listens; who asks it verifies with this key')
    await drain.served({ ...context, stop, health, ms: config.drainMs ?? defaultDrainMs })
    logger.info({}, 'witness stops')
  } finally {
    await parts.close()
  }
}
