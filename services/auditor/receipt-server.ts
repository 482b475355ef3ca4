import type { RequestListener } from 'node:http'
import type { Context, Middleware } from 'koa'
import { koaApp } from '../../shared/http/koa-app.ts'
import {
  basicChallenge,
  KnownClients,
  type ServiceClient,
} from '../../shared/http/service-clients.ts'
import { canonicalAddress } from '../../shared/kernel/addresses/ip-address.ts'
import type { Clock } from '../../shared/kernel/clock.ts'
import type { AuthErrorCode } from '../../shared/kernel/errors.ts'
import type { Logger } from '../../shared/kernel/logger.ts'
import type { Auditor } from './auditor.ts'

export type ReceiptServerOptions = Readonly<{
  auditor: Pick<Auditor, 'receipt'>
  clients: readonly ServiceClient[]
  clock: Clock
  logger: Logger
}>

const prefix = '/audit/receipts/'
const idMax = 512

type Refused = Readonly<{ status: number; code: AuthErrorCode; detail: string }>

const refusals = {
  method: { status: 405, code: 'METHOD_NOT_ALLOWED', detail: 'A receipt is fetched with GET.' },
  unknown: {
    status: 401,
    code: 'CLIENT_INVALID',
    detail: 'A receipt takes the credentials of a service client.',
  },
  forbidden: { status: 403, code: 'FORBIDDEN', detail: 'This service client may not audit.' },
  limited: {
    status: 429,
    code: 'RATE_LIMITED',
    detail: 'Too many wrong secrets came from this address.',
  },
  input: { status: 400, code: 'INPUT_INVALID', detail: 'This is no id of an event.' },
  absent: {
    status: 404,
    code: 'NOT_FOUND',
    detail: 'No signed log has this event (yet): one that just happened is signed within seconds.',
  },
  damaged: {
    status: 503,
    code: 'TRAIL_INVALID',
    detail: 'The trail cannot be read now; the log of the auditor says why.',
  },
} as const satisfies Record<string, Refused>

const refuse = (ctx: Context, { status, code, detail }: Refused): void => {
  ctx.status = status
  if (status === 401) ctx.set('WWW-Authenticate', basicChallenge)
  if (status === 405) ctx.set('Allow', 'GET')
  if (status === 404) ctx.set('Retry-After', '1')
  ctx.body = { detail, code: code.toLowerCase() }
}

/** Slashes of an id may be as they are or percent-encoded. */
const idIn = (path: string): string | null => {
  try {
    const id = decodeURIComponent(path.slice(prefix.length))
    return /^[\x21-\x7e]+$/.test(id) && id.length <= idMax ? id : null
  } catch {
    return null
  }
}

/** `GET /audit/receipts/{event id}`: docs/audit.md. */
export class ReceiptServer {
  readonly #options: ReceiptServerOptions
  readonly #clients: KnownClients

  constructor(options: ReceiptServerOptions) {
    this.#options = options
    this.#clients = new KnownClients(options.clients, options.clock)
  }

  /** Whether a request is for it. */
  static serves(url: string): boolean {
    return url.startsWith(prefix)
  }

  route(): Middleware {
    return async (ctx, next) => {
      if (!ReceiptServer.serves(ctx.path)) return next()
      ctx.set('Cache-Control', 'no-store')
      const refused = this.#refusal(ctx)
      if (refused) return refuse(ctx, refused)
      const id = idIn(ctx.path)
      if (id === null || Object.keys(ctx.query).length > 0) return refuse(ctx, refusals.input)
      await this.#answer(ctx, id)
    }
  }

  #refusal(ctx: Context): Refused | null {
    if (ctx.method !== 'GET') return refusals.method
    const address = canonicalAddress(ctx.req.socket.remoteAddress ?? '')
    const verdict = this.#clients.judge(ctx.get('authorization'), 'audit', address)
    if (verdict.outcome === 'limited') {
      ctx.set('Retry-After', String(Math.ceil(verdict.retryAfterMs / 1_000)))
    }
    return verdict.outcome === 'known' ? null : refusals[verdict.outcome]
  }

  async #answer(ctx: Context, id: string): Promise<void> {
    try {
      const receipt = await this.#options.auditor.receipt(id)
      if (receipt === null) return refuse(ctx, refusals.absent)
      ctx.type = 'text/plain; charset=utf-8'
      ctx.set('Content-Disposition', 'attachment; filename="receipt.tlog-proof"')
      ctx.body = Buffer.from(receipt)
    } catch (error) {
      this.#options.logger.error({ error: error as Error }, 'a receipt could not be made')
      refuse(ctx, refusals.damaged)
    }
  }
}

/** Serves receipts on the port of another server; `otherwise` gets all other requests. */
export const besideReceipts = (
  server: ReceiptServer,
  otherwise: RequestListener,
): RequestListener => {
  const app = koaApp()
  app.use(server.route())
  const receipts = app.callback()
  return (request, response) =>
    ReceiptServer.serves(request.url ?? '')
      ? void receipts(request, response)
      : otherwise(request, response)
}
