import { join } from 'node:path'
import { ordersFields, trustOf } from '../../services/orders/config.ts'
import { logRevocationFeed } from '../../shared/adapters/log-feed/revocation-feed.ts'
import { openBackends } from '../../shared/backends/open-backends.ts'
import { remoteKeys } from '../../shared/guard/index.ts'
import { readConfig } from '../../shared/kernel/config.ts'
import { Lifecycle } from '../../shared/kernel/lifecycle.ts'
import { processContext } from '../../shared/kernel/process/process-context.ts'
import { loadMacRing } from '../../shared/tokens/key-rings/index.ts'
import { serve } from '../support/serve.ts'
import { type GuardReply, type GuardRequest, nothing } from './guard-watch.ts'
import { type ObservedGuard, openObservedGuard } from './observed-guard.ts'

const parts = new Lifecycle()
let guard: ObservedGuard | undefined
let refusal: Promise<GuardReply> | undefined

const open = async (settings: Readonly<Record<string, string>>): Promise<void> => {
  const config = readConfig(ordersFields, settings)
  const context = processContext('bench-guard', 'warn')
  const { clock } = context
  const ring = await loadMacRing(config.logMacFile ?? join(config.dataDir, 'keys/log-mac.json'))
  const backends = await openBackends({
    ...context,
    config,
    parts,
    service: 'bench-guard',
    longestLifetimeMs: 0,
  })
  const feed = logRevocationFeed(await backends.log('reader'), ring, clock)
  const { issuer, audience, jwksUrl } = trustOf(config)
  const keys = remoteKeys({ url: jwksUrl, clock, onAlarm: () => {} })
  guard = await openObservedGuard({ issuer, audience, keys, feed, parts })
}

const watch = async (asked: ObservedGuard, token: string, sid: string): Promise<GuardReply> => ({
  atMs: await asked.refusal(token, sid),
  looks: 0,
})

/**
 * A guard on Kafka in a process of its own, which says when a revocation came into force: no
 * polling, no grain.
 */
serve<GuardRequest, GuardReply>(
  async (request) => {
    switch (request.kind) {
      case 'open':
        await open(request.settings)
        return nothing
      case 'watch':
        if (!guard) throw new Error('not open')
        refusal = watch(guard, request.token, request.sid)
        refusal.catch(() => {}) // Whoever asks for it hears of it.
        return nothing
      case 'refused':
        return (await refusal) ?? nothing
    }
  },
  () => parts.close(),
)
