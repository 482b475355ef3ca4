import type { RequestListener, ServerResponse } from 'node:http'
import type { Context, Middleware } from 'koa'
import { imageHeaderName, readerRing } from '../../../shared/guard/feed-protocol/index.ts'
import { koaApp } from '../../../shared/http/koa-app.ts'
import {
  basicChallenge,
  KnownClients,
  type ServiceClient,
} from '../../../shared/http/service-clients.ts'
import { canonicalAddress } from '../../../shared/kernel/addresses/ip-address.ts'
import type { Clock } from '../../../shared/kernel/clock.ts'
import type { AuthErrorCode } from '../../../shared/kernel/errors.ts'
import { onResponseOver } from '../../../shared/kernel/http/response-end.ts'
import type { Closable } from '../../../shared/kernel/lifecycle.ts'
import type { Logger } from '../../../shared/kernel/logger.ts'
import { FeedConnection, type FeedTimes } from './feed-connection.ts'
import type { FeedHub } from './feed-hub.ts'
import type { ImageRequest } from './image-chunks.ts'

export type FeedServerOptions = Readonly<{
  hub: FeedHub
  clients: readonly ServiceClient[]
  /** Further readers are answered 503. */
  connectionsMax: number
  times?: FeedTimes
  clock: Clock
  logger: Logger
}>

const defaultTimes: FeedTimes = { heartbeatMs: 1_000, patienceMs: 5_000 }

type Refused = Readonly<{ status: number; code: AuthErrorCode; detail: string }>

const refusals = {
  method: {
    status: 405,
    code: 'METHOD_NOT_ALLOWED',
    detail: 'The feed is read with GET.',
  },
  unknown: {
    status: 401,
    code: 'CLIENT_INVALID',
    detail: 'The feed takes the credentials of a service client.',
  },
  forbidden: {
    status: 403,
    code: 'FORBIDDEN',
    detail: 'This service client may not read the feed.',
  },
  limited: {
    status: 429,
    code: 'RATE_LIMITED',
    detail: 'Too many wrong secrets came from this address.',
  },
  reading: {
    status: 503,
    code: 'LOG_UNAVAILABLE',
    detail: 'The log is still being read; try again.',
  },
  full: {
    status: 503,
    code: 'OVERLOADED',
    detail: 'There are as many readers as this process serves; try another one, or again.',
  },
} as const satisfies Record<string, Refused>

const refuse = (ctx: Context, { status, code, detail }: Refused): void => {
  ctx.status = status
  if (status === 401) ctx.set('WWW-Authenticate', basicChallenge)
  if (status === 405) ctx.set('Allow', 'GET')
  if (status === 503) ctx.set('Retry-After', '1')
  ctx.set('Cache-Control', 'no-store')
  ctx.body = { detail, code: code.toLowerCase() }
}

/** A name that is none asks for nothing, as a header that a server does not know. */
const imageRequest = (name: string, { secret }: ServiceClient): ImageRequest | null =>
  /^[0-9a-f]{32}$/.test(name) ? { name, ring: readerRing(secret) } : null

/** `GET /feed`: server-sent events for guards; docs/feed.md. `close` ends every connection. */
export class FeedServer implements Closable {
  readonly #options: FeedServerOptions
  readonly #clients: KnownClients
  readonly #stop = new AbortController()
  readonly #running = new Set<Promise<void>>()

  constructor(options: FeedServerOptions) {
    this.#options = options
    this.#clients = new KnownClients(options.clients, options.clock)
  }

  get readers(): number {
    return this.#running.size
  }

  route(): Middleware {
    return async (ctx, next) => {
      if (ctx.path !== '/feed') return next()
      const client = this.#admitted(ctx)
      if ('code' in client) return refuse(ctx, client)
      ctx.respond = false
      // A reader whose connection is torn is none of Koa's errors, which go past the log.
      ctx.onerror = () => {}
      const serving = this.#serve(ctx, client).finally(() => this.#running.delete(serving))
      this.#running.add(serving)
    }
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await Promise.all(this.#running)
  }

  #admitted(ctx: Context): ServiceClient | Refused {
    if (ctx.method !== 'GET') return refusals.method
    const address = canonicalAddress(ctx.req.socket.remoteAddress ?? '')
    const verdict = this.#clients.judge(ctx.get('authorization'), 'feed', address)
    if (verdict.outcome === 'limited') {
      const { retryAfterMs } = verdict
      ctx.set('Retry-After', String(Math.ceil(retryAfterMs / 1_000)))
    }
    if (verdict.outcome !== 'known') return refusals[verdict.outcome]
    if (this.#stop.signal.aborted || !this.#options.hub.content.caughtUp) return refusals.reading
    return this.#running.size >= this.#options.connectionsMax ? refusals.full : verdict.client
  }

  async #serve(ctx: Context, client: ServiceClient): Promise<void> {
    const { hub, clock, logger, times = defaultTimes } = this.#options
    const out: ServerResponse = ctx.res
    const gone = new AbortController()
    const leave = (): void => gone.abort()
    out.on('error', leave)
    onResponseOver(out, leave)
    out.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      // A proxy that compresses could buffer events.
      'cache-control': 'no-store, no-transform',
      // nginx would keep events back until its buffer is full.
      'x-accel-buffering': 'no',
    })
    // Small events must not wait for one another.
    out.socket?.setNoDelay(true)
    // Not `AbortSignal.any`, which looks at its sources whenever it is asked: at every write.
    this.#stop.signal.addEventListener('abort', leave)
    const { signal } = gone
    const lastEventId = ctx.get('last-event-id')
    try {
      const image = imageRequest(ctx.get(imageHeaderName), client)
      const connection = new FeedConnection({ hub, clock, out, lastEventId, image, times, signal })
      const end = await connection.run()
      if (end !== 'left') logger.warn({ end, address: ctx.ip }, 'a reader of the feed was cut')
    } catch (error) {
      logger.error({ error: error as Error }, 'a connection of the feed failed')
    } finally {
      this.#stop.signal.removeEventListener('abort', leave)
      // A stop ends the answer, and readers connect to another projector. If a slow reader left
      // data unread, the connection is destroyed, since `end` would wait for it.
      if (this.#stop.signal.aborted && out.writableLength === 0) out.end()
      else out.destroy()
    }
  }
}

/** Serves `GET /feed` on the port of another server; `otherwise` gets all other requests. */
export const besideFeed = (server: FeedServer, otherwise: RequestListener): RequestListener => {
  const app = koaApp()
  app.use(server.route())
  const feed = app.callback()
  return (request, response) => {
    const isFeed = /^\/feed(?:\?|$)/.test(request.url ?? '')
    return isFeed ? void feed(request, response) : otherwise(request, response)
  }
}
