import type Koa from 'koa'
import type { Context, Middleware } from 'koa'
import { type Health, healthRoutes } from '../../../shared/http/health.ts'
import { koaApp } from '../../../shared/http/koa-app.ts'
import { setSecurityHeaders } from '../../../shared/http/security-headers.ts'
import { isSafeUrl } from '../../../shared/kernel/addresses/safe-url.ts'
import { AuthError, isAuthError } from '../../../shared/kernel/errors.ts'
import type { Logger } from '../../../shared/kernel/logger.ts'
import { serveConsole } from '../serving/serve-console.ts'
import { answerFailure } from './answer-failure.ts'
import { askReader } from './ask-reader.ts'
import type { GatewayDoor } from './gateway-door.ts'
import type { GatewayWatch } from './gateway-watch.ts'
import { isPassed } from './passed-routes.ts'

type Options = Readonly<{
  /** Without a slash at its end. */
  base: string
  door: GatewayDoor
  watch: GatewayWatch
  health: () => Health
  logger: Logger
}>

const translateFailures =
  (logger: Logger): Middleware =>
  async (ctx, next) => {
    try {
      await next()
      // What was passed on has its status by itself.
      if (ctx.respond !== false && ctx.status === 404 && ctx.body === undefined) {
        answerFailure(ctx, new AuthError('NOT_FOUND', 'Not found.'))
      }
    } catch (thrown) {
      ctx.respond = true
      if (!isAuthError(thrown)) logger.error({ error: thrown as Error }, 'request failed')
      answerFailure(ctx, thrown)
    }
  }

/**
 * The browser keeps no cookie of `__Host-` or `__Secure-` that comes by http: a sign-in would open
 * a session that nobody has. The page says by which scheme it was opened.
 */
const refuseInsecure = (ctx: Context, watch: GatewayWatch): void => {
  const origin = ctx.get('origin')
  if (!watch.isSecure || !URL.canParse(origin) || isSafeUrl(new URL(origin), false)) return
  throw new AuthError(
    'CONSOLE_INSECURE',
    'The console was opened by http, and browsers keep the cookies of its gateway on https ' +
      'alone. Open it by https: a proxy in front of it can do that.',
  )
}

const requireGateway = async (watch: GatewayWatch): Promise<void> => {
  await watch.find()
  if (watch.isFound) return
  throw new AuthError(
    'GATEWAY_UNREACHED',
    'The gateway was not found yet. /readyz of the console, and its log, say what is wrong.',
  )
}

const passOn =
  ({ base, door, watch }: Options): Middleware =>
  async (ctx, next) => {
    const [path = ''] = (ctx.req.url ?? '').split('?', 1)
    const isBelow = path.startsWith(`${base}/`)
    if (!isBelow || !isPassed(ctx.method, path.slice(base.length))) return next()
    await requireGateway(watch)
    refuseInsecure(ctx, watch)
    ctx.respond = false
    await door.pass(ctx.req, ctx.res)
  }

/** `/` leads to the console, and so does the base path. */
const leadHome =
  (base: string): Middleware =>
  async (ctx, next) => {
    if (!['/', base, `${base}/`].includes(ctx.path) || ctx.method !== 'GET') return next()
    ctx.status = 303
    ctx.set('Location', `${base}/console`)
    ctx.body = ''
  }

/** The console without its gateway's server: its own page, and the way to the gateway's routes. */
export const createConsoleApp = (options: Options): Koa => {
  const { base, door, watch, health, logger } = options
  const app = koaApp()
  // Who closes a connection breaks off what comes on it.
  app.on('error', (error: Error) => logger.debug({ error }, 'an answer was not sent'))
  app.use(setSecurityHeaders)
  app.use(translateFailures(logger))
  app.use(healthRoutes(health))
  app.use(passOn(options))
  app.use(leadHome(base))
  const readerOf = async (ctx: Context) => {
    await requireGateway(watch)
    return askReader(door, base, ctx)
  }
  app.use(serveConsole({ basePath: base === '' ? '/' : base, readerOf }))
  return app
}
