import { isAtScale } from '../../shared/backends/config.ts'
import { Drain } from '../../shared/http/drain.ts'
import type { Env } from '../../shared/kernel/config.ts'
import { isAuthError } from '../../shared/kernel/errors.ts'
import { aborted, Lifecycle } from '../../shared/kernel/lifecycle.ts'
import type { ProcessContext } from '../../shared/kernel/process/process-context.ts'
import { showParts } from '../../shared/metrics/metrics-server.ts'
import { createFirstUser } from './first-user.ts'
import { openGateway, type ServingGateway, type StartOptions } from './open-gateway.ts'
import { primaryLimits } from './primary-rate-limits.ts'
import { unlessFatal } from './unless-fatal.ts'
import { givenSocket } from './worker-environment.ts'
import type { WorkerOrder, WorkerQuestion, WorkerSays } from './worker-messages.ts'
import { toldTrailHealth } from './worker-trail-health.ts'

/** Resolves once it is on its way: what is told last must not be lost with the process. */
const say = (message: WorkerSays): Promise<void> =>
  new Promise((resolve) => {
    if (process.send) process.send(message, undefined, undefined, () => resolve())
    else resolve()
  })

/** The primary tells when to stop: a terminal's Ctrl-C reaches the workers too, and only once. */
const toldToStop = (stop: AbortSignal): AbortSignal => {
  const told = new AbortController()
  process.on('message', (order: WorkerOrder) => {
    if (order.kind === 'stop') told.abort(order.reason)
  })
  return AbortSignal.any([stop, told.signal])
}

const answerQuestions = ({ gateway, meter }: ServingGateway, context: ProcessContext): void => {
  const answers = {
    metrics: () => meter.text(),
    firstUser: () => createFirstUser(gateway, context),
  } satisfies Record<WorkerQuestion, () => Promise<unknown>>
  process.on('message', (order: WorkerOrder) => {
    if (order.kind !== 'ask') return
    const { id, question } = order
    answers[question]().then(
      (answer) => say({ kind: 'answer', id, answer }),
      (error: Error) => say({ kind: 'no_answer', id, text: error.message }),
    )
  })
}

/**
 * One of several processes that answer on the port of `curfew start`, until `stop` aborts or the
 * primary says so. The primary is told what went wrong, and says it once for all workers.
 */
export const runWorker = async (
  env: Env,
  { config, context }: StartOptions,
  stop: AbortSignal,
): Promise<void> => {
  const lifecycle = new Lifecycle()
  const drain = new Drain()
  const ending = toldToStop(stop)
  try {
    const shared = {
      lmdbWriter: { kind: 'socket', path: givenSocket(env) },
      limits: primaryLimits(say),
    } as const
    const trailHealth = config.audit ? { trailHealth: toldTrailHealth() } : {}
    const own = isAtScale(config) ? {} : shared
    const options = { config, context, drain, ...own, ...trailHealth }
    const serving = await openGateway(options, lifecycle)
    const { gateway, meter, url } = serving
    const { health, fatal } = gateway
    if (config.metricsPort !== null) showParts(meter, health)
    await unlessFatal(Promise.race([gateway.prepared, aborted(ending)]), fatal)
    answerQuestions(serving, context)
    await say({ kind: 'ready', url })
    const drainDeps = { ...context, stop: ending, health, ms: config.drainMs ?? 0 }
    const problem = await Promise.race([drain.served(drainDeps), fatal])
    if (problem) throw problem
  } catch (error) {
    const code = isAuthError(error) ? error.code : null
    const text = error instanceof Error ? error.message : String(error)
    await say({ kind: 'failed', code, text })
    process.exitCode = 1
  } finally {
    await lifecycle.close()
  }
}
