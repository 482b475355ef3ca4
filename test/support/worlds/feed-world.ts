import Koa from 'koa'
import type { FeedTimes } from '../../../services/projector/feed/feed-connection.ts'
import { FeedHub } from '../../../services/projector/feed/feed-hub.ts'
import { FeedServer } from '../../../services/projector/feed/feed-server.ts'
import { logRevocationFeed } from '../../../shared/adapters/log-feed/revocation-feed.ts'
import { openMemoryEventLog } from '../../../shared/adapters/memory/event-log.ts'
import {
  type SseFeedOptions,
  sseRevocationFeed,
} from '../../../shared/guard/feed/sse-revocation-feed.ts'
import { listen } from '../../../shared/http/listen.ts'
import type { ServiceClient } from '../../../shared/http/service-clients.ts'
import { systemClock as clock } from '../../../shared/kernel/clock.ts'
import { clientId } from '../../../shared/kernel/ids.ts'
import { Lifecycle } from '../../../shared/kernel/lifecycle.ts'
import { silentLogger as logger } from '../../../shared/kernel/logger.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import type { RevocationFeed } from '../../../shared/ports/revocation-feed.ts'
import { aRing } from '../fakes/builders.ts'
import { until } from '../until.ts'

export const reader: ServiceClient = {
  id: clientId('orders'),
  secret: 'a secret of a guard',
  permissions: ['feed'],
}
export const introspector: ServiceClient = {
  id: clientId('other'),
  secret: 'a secret of another',
  permissions: ['introspect'],
}
export const basic = (id: string, secret: string): string =>
  `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`

type Options = Readonly<{
  log?: EventLog
  port?: number
  times?: FeedTimes
  tailMax?: number
  connectionsMax?: number
  clients?: readonly ServiceClient[]
}>

/** A feed server on a log, and the ways to read it. */
export const openFeedWorld = async (options: Options = {}) => {
  const { log = openMemoryEventLog(), port = 0, times, tailMax, connectionsMax = 100 } = options
  const ring = aRing()
  const parts = new Lifecycle()
  const feed = logRevocationFeed(log, ring)
  const hub = await parts.use(new FeedHub({ feed, clock, logger, ...(tailMax && { tailMax }) }))
  hub.start()
  const { clients = [reader, introspector] } = options
  const server = new FeedServer({
    hub,
    clients,
    connectionsMax,
    clock,
    logger,
    ...(times && { times }),
  })
  const app = new Koa()
  app.use(server.route())
  const { url, port: taken } = await parts.use(
    listen(app.callback(), { host: '127.0.0.1', port, stopTimeoutMs: 0 }),
  )
  await parts.use(server)
  await until('the server has read the log', () => hub.content.caughtUp)
  const feedAt = (over: Partial<SseFeedOptions> = {}): RevocationFeed =>
    sseRevocationFeed({
      url: new URL('/feed', url),
      clientId: reader.id,
      secret: reader.secret,
      ...over,
    })
  return { log, ring, hub, server, url, port: taken, feedAt, close: () => parts.close() }
}

export type FeedWorld = Awaited<ReturnType<typeof openFeedWorld>>
