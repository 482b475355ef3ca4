import { join } from 'node:path'
import { type OrdersConfig, ordersFields, trustOf } from '../../services/orders/config.ts'
import { logRevocationFeed } from '../../shared/adapters/log-feed/revocation-feed.ts'
import { openBackends } from '../../shared/backends/open-backends.ts'
import { type RevocationFeed, remoteKeys, sseRevocationFeed } from '../../shared/guard/index.ts'
import { readConfig } from '../../shared/kernel/config.ts'
import { Lifecycle } from '../../shared/kernel/lifecycle.ts'
import { type ProcessContext, processContext } from '../../shared/kernel/process/process-context.ts'
import { loadMacRing } from '../../shared/tokens/key-rings/index.ts'
import { serve } from '../support/serve.ts'
import { type ObservedGuard, openObservedGuard } from './observed-guard.ts'

export type FeedGuardsRequest =
  /** `count` guards, each with a feed of its own, which `settings` name as they do for orders. */
  | Readonly<{ kind: 'open'; settings: Readonly<Record<string, string>>; count: number }>
  | Readonly<{ kind: 'watch'; token: string; sid: string }>
  | Readonly<{ kind: 'refused' }>
/** One entry a guard, on the machine's clock. */
export type FeedGuardsReply = Readonly<{ atMs: readonly number[] }>

const nothing: FeedGuardsReply = { atMs: [] }
const parts = new Lifecycle()
let guards: readonly ObservedGuard[] = []
let refusals: Promise<number[]> | undefined

const openFeed = async (config: OrdersConfig, context: ProcessContext): Promise<RevocationFeed> => {
  const { feed, feedUrl: url, feedClient: clientId, feedSecret: secret } = config
  if (feed === 'sse' && url && clientId && secret) {
    return sseRevocationFeed({ url, clientId, secret, clock: context.clock })
  }
  const ring = await loadMacRing(config.logMacFile ?? join(config.dataDir, 'keys/log-mac.json'))
  const service = { service: 'bench-guard', longestLifetimeMs: 0 }
  const backends = await openBackends({ ...context, ...service, config, parts })
  return logRevocationFeed(await backends.log('reader'), ring, context.clock)
}

const open = async (settings: Readonly<Record<string, string>>, count: number): Promise<void> => {
  const config = readConfig(ordersFields, settings)
  const context = processContext('bench-guards', 'warn')
  const { issuer, audience, jwksUrl } = trustOf(config)
  const keys = remoteKeys({ url: jwksUrl, clock: context.clock, onAlarm: () => {} })
  const openOne = async (): Promise<ObservedGuard> =>
    openObservedGuard({ issuer, audience, keys, feed: await openFeed(config, context), parts })
  guards = await Promise.all(Array.from({ length: count }, openOne))
}

/** Many guards in one process, each of which says when it refused. */
serve<FeedGuardsRequest, FeedGuardsReply>(
  async (request) => {
    switch (request.kind) {
      case 'open':
        await open(request.settings, request.count)
        return nothing
      case 'watch':
        refusals = Promise.all(guards.map((one) => one.refusal(request.token, request.sid)))
        refusals.catch(() => {}) // Whoever asks for it hears of it.
        return nothing
      case 'refused':
        return { atMs: (await refusals) ?? [] }
    }
  },
  () => parts.close(),
)
