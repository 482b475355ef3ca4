import { join } from 'node:path'
import { type RevocationFeed, sseRevocationFeed } from 'curfew-guard'
import { kafkaRevocationFeed, type MacRing } from 'curfew-guard/kafka'
import { logRevocationFeed } from '../../shared/adapters/log-feed/revocation-feed.ts'
import { describeBackend, kafkaAccessOf } from '../../shared/backends/config.ts'
import { openBackends } from '../../shared/backends/open-backends.ts'
import type { Lifecycle } from '../../shared/kernel/lifecycle.ts'
import type { ProcessContext } from '../../shared/kernel/process/process-context.ts'
import { awaitMacRing } from '../../shared/tokens/key-rings/index.ts'
import type { OrdersConfig } from './config.ts'
import { type FeedKind, feedKindOf } from './feed-settings.ts'

type OpenDeps = ProcessContext & Readonly<{ parts: Lifecycle }>
type OpenedFeed = Readonly<{
  feed: RevocationFeed
  feedKind: FeedKind
  ring: MacRing | null
  source: string
}>

/** Opens the feed that the settings name; `null` if `stop` aborts while it waits for the ring. */
export const openFeed = async (
  config: OrdersConfig,
  deps: OpenDeps,
  stop: AbortSignal,
): Promise<OpenedFeed | null> => {
  const { clock } = deps
  const { feedUrl: url, feedClient: clientId, feedSecret: secret } = config
  const feedKind = feedKindOf(config)
  if (feedKind === 'sse' && url && clientId && secret) {
    const insecure = config.feedInsecure
    const feed = sseRevocationFeed({ url, clientId, secret, insecure, clock })
    return { feed, feedKind, ring: null, source: url.href }
  }
  const macFile = config.logMacFile ?? join(config.dataDir, 'keys/log-mac.json')
  const followed = await awaitMacRing(macFile, { ...deps, ...config }, stop)
  if (!followed) return null
  const { ring } = await deps.parts.use(followed)
  if (feedKind === 'kafka') {
    const access = { clientId: 'curfew-orders', logLevel: config.logLevel }
    const feed = kafkaRevocationFeed({ ...kafkaAccessOf(config), ...access }, ring)
    const source = `Kafka ${config.kafkaBrokers.join(', ')}, in a thread`
    return { feed, feedKind, ring, source }
  }
  const service = { service: 'orders', fleet: ring.fleet, longestLifetimeMs: 0 }
  const backends = await openBackends({ ...deps, ...service, config })
  const log = await backends.log('reader')
  const feed = logRevocationFeed(log, ring, clock)
  return { feed, feedKind, ring, source: describeBackend(config) }
}
