import { join } from 'node:path'
import { ordersFields, trustOf } from '../../services/orders/config.ts'
import { logRevocationFeed } from '../../shared/adapters/log-feed/log-feed.ts'
import { openBackends } from '../../shared/backends/open-backends.ts'
import { createGuard, type Guard, remoteKeys } from '../../shared/guard/index.ts'
import { readConfig } from '../../shared/kernel/config.ts'
import { Lifecycle } from '../../shared/kernel/lifecycle.ts'
import { processContext } from '../../shared/kernel/process-context.ts'
import type { FeedSink, RevocationFeed } from '../../shared/ports/revocation-feed.ts'
import { loadMacRing } from '../../shared/tokens/key-files.ts'
import { serve } from '../support/serve.ts'
import { sharedNowMs } from '../support/shared-clock.ts'
import { type GuardReply, type GuardRequest, nothing, patienceMs } from './guard-watch.ts'

const parts = new Lifecycle()
let guard: Guard | undefined
let refusal: Promise<GuardReply> | undefined
let arrived: (key: string, atMs: number) => void = () => {}

/** `feed`, telling of each revocation right after the guard took it in. */
const observed = (feed: RevocationFeed): RevocationFeed => ({
  open: (sink: FeedSink) =>
    feed.open({
      ...sink,
      onItems: (items) => {
        sink.onItems(items)
        const atMs = sharedNowMs()
        for (const item of items) {
          if (item.kind === 'revocation') arrived(item.revocation.key, atMs)
        }
      },
    }),
  close: () => feed.close(),
})

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
    onFatal: () => {},
  })
  const feed = observed(logRevocationFeed(await backends.log('reader'), ring, clock))
  const { issuer, audience, jwksUrl } = trustOf(config)
  const keys = remoteKeys({ url: jwksUrl, clock, onAlarm: () => {} })
  guard = await parts.use(createGuard({ issuer, audience, keys, feed, clock, onStale: 'deny' }))
  await guard.start()
  while (!guard.ready()) await clock.sleep(20)
}

const watch = async (asked: Guard, token: string, sid: string): Promise<GuardReply> => {
  const before = await asked.check(token)
  if (before.outcome !== 'accepted') throw new Error(`the guard is ${before.outcome}`)
  const atMs = await new Promise<number>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`nothing in ${patienceMs} ms`)), patienceMs)
    arrived = (key, at) => {
      if (key !== `sid:${sid}`) return
      clearTimeout(late)
      resolve(at)
    }
  })
  const after = await asked.check(token)
  if (after.outcome !== 'refused') throw new Error('the guard heard of it and did not refuse')
  return { atMs, looks: 0 }
}

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
