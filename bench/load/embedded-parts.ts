import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Running, startEverything } from '../../services/embedded/compose.ts'
import { readEmbeddedConfig } from '../../services/embedded/config.ts'
import { createFirstUser } from '../../services/embedded/first-user.ts'
import type { Guard } from '../../shared/guard/index.ts'
import { processContext } from '../../shared/kernel/process/process-context.ts'
import { sharedNowMs } from '../support/shared-clock.ts'
import { type GuardReply, patienceMs } from './guard-watch.ts'

/** The parts of `curfew start` in this process, with a first user. */
export const openParts = async (settings: Readonly<Record<string, string>>): Promise<Running> => {
  const config = readEmbeddedConfig(settings)
  const context = processContext('bench', 'warn')
  const running = await startEverything({ config, context })
  await createFirstUser(running.gateway, context)
  return running
}

/**
 * Asks once a turn of the event loop, so the process serves in between; each look costs a signature
 * check.
 */
export const watchRefusal = async (guard: Guard, token: string): Promise<GuardReply> => {
  const startedMs = sharedNowMs()
  for (let looks = 1; sharedNowMs() - startedMs < patienceMs; looks += 1) {
    const { outcome } = await guard.check(token)
    if (outcome === 'refused') return { atMs: sharedNowMs(), looks }
    if (outcome !== 'accepted') throw new Error(`the guard is ${outcome}`)
    await nextTurn()
  }
  throw new Error(`the guard did not refuse within ${patienceMs} ms`)
}
