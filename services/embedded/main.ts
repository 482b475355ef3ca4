import { Drain } from '../../shared/http/drain.ts'
import type { Env } from '../../shared/kernel/config.ts'
import { processContext } from '../../shared/kernel/process/process-context.ts'
import { readEmbeddedConfig, startUnlessStopped } from './compose.ts'
import { createFirstUser, firstSteps } from './first-user.ts'
import { shownAddresses } from './print-addresses.ts'

const print = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

/** `curfew start`: everything in one process, until `stop` aborts. */
export const runEverything = async (env: Env, stop: AbortSignal): Promise<void> => {
  const config = readEmbeddedConfig(env)
  const context = processContext('curfew', config.logLevel)
  const drain = new Drain()
  const startedMs = context.clock.monotonicMs()
  const running = await startUnlessStopped({ config, context, drain }, stop)
  if (!running) return
  try {
    const { backend, gateway } = running
    const addresses = shownAddresses(config, running)
    const firstUser = await createFirstUser(gateway, context)
    const seconds = ((context.clock.monotonicMs() - startedMs) / 1000).toFixed(1)
    print(`curfew is ready after ${seconds} s, on ${backend}`)
    print(addresses.lines)
    if (firstUser) print(firstSteps(firstUser, addresses.gateway, addresses.orders))
    const { health } = gateway
    const drainDeps = { ...context, stop, health, ms: config.drainMs ?? 0 }
    const problem = await Promise.race([drain.served(drainDeps), running.fatal])
    if (problem) throw problem
    context.logger.info({}, 'stopping')
  } finally {
    await running.close()
  }
}
