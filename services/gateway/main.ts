import { join } from 'node:path'
import {
  backendFields,
  backendMistakes,
  describeBackend,
  topicsOf,
} from '../../shared/backends/config.ts'
import { directoryFields, directoryMistakes } from '../../shared/backends/directory-settings.ts'
import { openBackends } from '../../shared/backends/open-backends.ts'
import { openOwnDirectory } from '../../shared/backends/open-directory.ts'
import { Drain, defaultDrainMs, drainFields } from '../../shared/http/drain.ts'
import { listen } from '../../shared/http/listen.ts'
import { type Env, readConfig, refuse } from '../../shared/kernel/config.ts'
import { Lifecycle } from '../../shared/kernel/lifecycle.ts'
import { keepCompiledCode } from '../../shared/kernel/process/keep-compiled-code.ts'
import { processContext } from '../../shared/kernel/process/process-context.ts'
import { Meter } from '../../shared/metrics/meter.ts'
import { meteredLog } from '../../shared/metrics/metered-log.ts'
import { meteredStore } from '../../shared/metrics/metered-store.ts'
import { serveMetrics } from '../../shared/metrics/metrics-server.ts'
import { metricsFields } from '../../shared/metrics/metrics-settings.ts'
import { topicMetricsText } from '../../shared/metrics/prometheus-text.ts'
import { longestLifetimeMs } from '../../shared/session/session-policy.ts'
import { openKeyFiles } from '../../shared/tokens/key-rings/index.ts'
import { tracedLog } from '../../shared/tracing/traced-log.ts'
import { tracedStore } from '../../shared/tracing/traced-store.ts'
import { openTracing, tracedHandler } from '../../shared/tracing/tracing.ts'
import { composeGateway } from './compose.ts'
import { configMistakes, gatewayFields } from './config.ts'
import { attachedGuardMetrics } from './guards/index.ts'
import { watchKeys } from './lifecycle/index.ts'

export const gatewayProcessFields = {
  ...gatewayFields,
  ...directoryFields,
  ...backendFields,
  ...metricsFields,
  ...drainFields,
}

/** Runs one gateway until `stop` aborts. Any number may run on one store and log. */
export const runGateway = async (env: Env, stop: AbortSignal): Promise<void> => {
  const config = readConfig(gatewayProcessFields, env)
  refuse([
    ...configMistakes(config),
    ...directoryMistakes(config),
    ...backendMistakes(config, true),
  ])
  const context = processContext('gateway', config.logLevel)
  const lifecycle = new Lifecycle()
  const drain = new Drain()
  try {
    await lifecycle.use(keepCompiledCode(context.clock))
    const keysDir = config.keysDir ?? join(config.dataDir, 'keys')
    const { algorithm: alg, groupAccess } = config
    const keys = await openKeyFiles({ dir: keysDir, entropy: context.entropy, alg, groupAccess })
    const keyWatch = await lifecycle.use(watchKeys({ ...context, keys }))
    const backends = await openBackends({
      ...{ ...context, config, parts: lifecycle },
      service: 'gateway',
      fleet: keys.mac.fleet,
      longestLifetimeMs: longestLifetimeMs(config),
      refusesWrongTopics: true,
    })
    const meter = new Meter()
    const tracing = await openTracing(context.logger)
    const written = meteredLog(await backends.log('writer'), meter, context.clock)
    const log = tracedLog(written, tracing)
    const gateway = await lifecycle.use(
      composeGateway(
        {
          ...context,
          drain,
          keys,
          keyChanges: keyWatch.onChange,
          topics: topicsOf(config),
          meter,
          store: tracedStore(meteredStore(backends.store(), meter, context.clock), tracing),
          tellsWithAppend: backends.tellsWithAppend,
          ...{ log, directory: backends.directory(), limits: backends.limits() },
          ownDirectory: openOwnDirectory(config, context),
          sessions: backends.sessions(),
          guards: backends.guards(),
          receivers: backends.receivers(),
          ...{ audit: backends.audit(), view: backends.view() },
          personalKeys: backends.personalKeys(),
          troubles: { store: backends.trouble, keys: keyWatch.trouble },
        },
        config,
      ),
    )
    const server = await lifecycle.use(
      listen(tracedHandler(gateway.app.callback(), tracing), config, drain),
    )
    await lifecycle.use(gateway.polls)
    meter.add(() => attachedGuardMetrics(gateway.rooms))
    meter.add(() => topicMetricsText(log))
    const metrics = await lifecycle.use(serveMetrics({ meter, health: gateway.health }, config))
    const listening = { url: server.url, metrics: metrics.url, on: describeBackend(config) }
    context.logger.info(listening, 'gateway listens')
    const { health } = gateway
    const drainDeps = { ...context, stop, health, ms: config.drainMs ?? defaultDrainMs }
    const problem = await Promise.race([drain.served(drainDeps), gateway.fatal])
    if (problem) throw problem
    context.logger.info({}, 'gateway stops')
  } finally {
    await lifecycle.close()
  }
}
