import { setImmediate as nextTurn } from 'node:timers/promises'
import {
  type Running,
  readEmbeddedConfig,
  startEverything,
} from '../../services/embedded/compose.ts'
import { createFirstUser } from '../../services/embedded/first-user.ts'
import type { Guard } from '../../shared/guard/guard.ts'
import { processContext } from '../../shared/kernel/process-context.ts'
import { serve } from '../support/serve.ts'
import { sharedNowMs } from '../support/shared-clock.ts'
import { type GuardReply, type GuardRequest, nothing, patienceMs } from './guard-watch.ts'

let running: Running | undefined
let refusal: Promise<GuardReply> | undefined

/**
 * Asks once a turn of the event loop, so the process serves in between; each look costs a signature
 * check.
 */
const watch = async (guard: Guard, token: string): Promise<GuardReply> => {
  const startedMs = sharedNowMs()
  for (let looks = 1; sharedNowMs() - startedMs < patienceMs; looks += 1) {
    const { outcome } = await guard.check(token)
    if (outcome === 'refused') return { atMs: sharedNowMs(), looks }
    if (outcome !== 'accepted') throw new Error(`the guard is ${outcome}`)
    await nextTurn()
  }
  throw new Error(`the guard did not refuse within ${patienceMs} ms`)
}

const open = async (settings: Readonly<Record<string, string>>): Promise<void> => {
  const config = readEmbeddedConfig(settings)
  const context = processContext('bench', 'warn')
  running = await startEverything({ config, context })
  await createFirstUser(running.gateway, context)
}

/** The parts of `curfew start` in this process, with their guard asked directly. */
serve<GuardRequest, GuardReply>(
  async (request) => {
    switch (request.kind) {
      case 'open':
        await open(request.settings)
        return nothing
      case 'watch': {
        const guard = running?.orders[0]?.guard
        if (!guard) throw new Error('not open')
        refusal = watch(guard, request.token)
        refusal.catch(() => {}) // Whoever asks for it hears of it.
        return nothing
      }
      case 'refused':
        return (await refusal) ?? nothing
    }
  },
  async () => running?.close(),
)
