import { Drain } from '../../shared/http/drain.ts'
import type { Env } from '../../shared/kernel/config.ts'
import { type ProcessContext, processContext } from '../../shared/kernel/process/process-context.ts'
import { startUnlessStopped } from './compose.ts'
import { type EmbeddedConfig, readEmbeddedConfig } from './config.ts'
import { createFirstUser } from './first-user.ts'
import { printStart } from './print-start.ts'
import { isWorker } from './worker-environment.ts'

const runAlone = async (
  config: EmbeddedConfig,
  context: ProcessContext,
  stop: AbortSignal,
): Promise<void> => {
  const drain = new Drain()
  const startedMs = context.clock.monotonicMs()
  const running = await startUnlessStopped({ config, context, drain }, stop)
  if (!running) return
  try {
    const { gateway, fatal } = running
    const firstUser = await createFirstUser(gateway, context)
    printStart(config, { ...running, firstUser, tookMs: context.clock.monotonicMs() - startedMs })
    const { health } = gateway
    const drainDeps = { ...context, stop, health, ms: config.drainMs ?? 0 }
    const problem = await Promise.race([drain.served(drainDeps), fatal])
    if (problem) throw problem
    context.logger.info({}, 'stopping')
  } finally {
    await running.close()
  }
}

/**
 * `curfew start`: everything in one process until `stop` aborts, or with several workers in one
 * process more than there are workers.
 */
export const runEverything = async (env: Env, stop: AbortSignal): Promise<void> => {
  const config = readEmbeddedConfig(env)
  const context = processContext('curfew', config.logLevel)
  if (isWorker(env)) return (await import('./worker.ts')).runWorker(env, { config, context }, stop)
  if (config.workers === 1) return runAlone(config, context, stop)
  await (await import('./primary.ts')).runPrimary(env, { config, context }, stop)
}
