import Koa from 'koa'
import { FeedHub } from '../../services/projector/feed/feed-hub.ts'
import { FeedServer } from '../../services/projector/feed/feed-server.ts'
import type { RevocationItem } from '../../shared/events/revocation-record.ts'
import { listen } from '../../shared/http/listen.ts'
import { systemClock as clock } from '../../shared/kernel/clock.ts'
import { clientId, type EpochMs, type EventId, type LogId } from '../../shared/kernel/ids.ts'
import { Lifecycle } from '../../shared/kernel/lifecycle.ts'
import { silentLogger as logger } from '../../shared/kernel/logger.ts'
import type { FeedSink, RevocationFeed } from '../../shared/ports/revocation-feed.ts'
import { serve } from '../support/serve.ts'

export type ImageServerRequest = Readonly<{ count: number; secret: string }>
export type ImageServerReply = Readonly<{ url: string }>

const closeEveryMs = 250
const hourMs = 3_600_000
const logId = 'f'.repeat(32) as LogId
const parts = new Lifecycle()

const word = (value: number): string => (value >>> 0).toString(16).padStart(8, '0')
const idOf = (index: number): string =>
  word(Math.imul(index + 1, 2_654_435_761)) + word(index) + word(~index) + word(index ^ 0x5bd1e995)

const ended = (index: number, now: number): RevocationItem => {
  const id = idOf(index)
  const revocation = {
    key: `sid:${id}` as const,
    cutoff: null,
    expiresAt: (now + hourMs + (index % 900) * 1_000) as EpochMs,
    reason: 'logout',
    revokedAt: now as EpochMs,
  }
  return { kind: 'revocation', offset: index, id: `s/${id}:1:0` as EventId, revocation }
}

/** What a log of `count` ended sessions tells, and closed times as a gateway writes them. */
const told = (count: number): RevocationFeed => ({
  open: async (sink: FeedSink) => {
    const now = clock.now()
    for (let index = 0; index < count; index += 1) sink.onItems([ended(index, now)])
    let offset = count
    const close = (): void => {
      sink.onItems([{ kind: 'closed', offset, closed: { t: clock.now(), logId, low: 0 } }])
      offset += 1
    }
    close()
    sink.onCaughtUp()
    setInterval(close, closeEveryMs)
  },
  close: async () => {},
})

/** A feed server in a process of its own, which holds so many revocations. */
serve<ImageServerRequest, ImageServerReply>(
  async ({ count, secret }) => {
    const hub = await parts.use(new FeedHub({ feed: told(count), clock, logger }))
    hub.start()
    const client = { id: clientId('orders'), secret, permissions: ['feed'] as const }
    const server = new FeedServer({ hub, clients: [client], connectionsMax: 10, clock, logger })
    const app = new Koa()
    app.use(server.route())
    const { url } = await parts.use(listen(app.callback(), { host: '127.0.0.1', port: 0 }))
    await parts.use(server)
    return { url }
  },
  () => parts.close(),
)
