import type { Env } from '../../shared/kernel/config.ts'
import { aborted } from '../../shared/kernel/lifecycle.ts'
import { processContext } from '../../shared/kernel/process-context.ts'
import { readEmbeddedConfig, startUnlessStopped } from './compose.ts'
import { createFirstUser, firstSteps } from './first-user.ts'

const say = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

/** `curfew start`: everything in one process, until `stop` aborts. */
export const runEverything = async (env: Env, stop: AbortSignal): Promise<void> => {
  const config = readEmbeddedConfig(env)
  const context = processContext('curfew', config.logLevel)
  const startedMs = context.clock.monotonicMs()
  const running = await startUnlessStopped({ config, context }, stop)
  if (!running) return
  try {
    const { gatewayUrl, orders, backend, gateway } = running
    const ordersUrl = orders[0]?.url ?? ''
    const first = await createFirstUser(gateway, context)
    const seconds = ((context.clock.monotonicMs() - startedMs) / 1000).toFixed(1)
    say(`curfew is ready after ${seconds} s, on ${backend}`)
    say(`  gateway  ${gatewayUrl}\n  orders   ${ordersUrl}/orders`)
    if (first) say(firstSteps(first, gatewayUrl, ordersUrl))
    const problem = await Promise.race([aborted(stop), running.fatal])
    if (problem) throw problem
    context.logger.info({}, 'stopping')
  } finally {
    await running.close()
  }
}
