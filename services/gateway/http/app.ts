import type { Router, RouterContext } from '@koa/router'
import Koa, { type Middleware, type Next } from 'koa'
import helmet from 'koa-helmet'
import { type Health, healthRoutes } from '../../../shared/http/health.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { Meter } from '../../../shared/metrics/meter.ts'
import { bearerKinds } from '../../../shared/tokens/claims.ts'
import type { AppParts } from '../route-parts.ts'
import { gatewayRoutes } from '../route-table.ts'
import { ssfMetadataPath, ssfMetadataRoute } from '../ssf/routes/ssf-metadata.ts'
import { metadataPaths, metadataRoute } from '../tokens/routes/metadata.ts'
import { callerOf } from './caller.ts'
import { shareWithTrusted } from './cors.ts'
import { withoutParameters } from './known-parameters.ts'
import { describeViews } from './options-metadata.ts'
import { refuseOtherMethods } from './other-methods.ts'
import { pageRoutes } from './page-routes.ts'
import { noteRequest, partsFor } from './request-facts.ts'
import { refuseForeignPages } from './request-origin.ts'
import { emptyRouter, routerOf } from './route-matching.ts'
import { tellBrokenAnswer, translateErrors } from './translate-errors.ts'

type AppOptions = Readonly<{
  parts: AppParts
  basePath: string
  health: () => Health
  /** Whether the gateway may sign and decide yet; until then its routes answer 503. */
  isPrepared: () => boolean
  meter?: Meter | null
}>

const routes = ({ parts, basePath }: AppOptions): Router => {
  const router = routerOf(
    gatewayRoutes,
    basePath,
    ({ handler }) =>
      (ctx) =>
        handler(partsFor(parts, ctx))(ctx),
  )
  describeViews(router)
  return router
}

/** Routes of which nobody learns more than 401 before they are authenticated. */
const wantCaller =
  ({ parts, basePath }: AppOptions) =>
  async (ctx: RouterContext): Promise<void> => {
    const path = basePath === '/' ? ctx.path : ctx.path.slice(basePath.length)
    if (!/^\/(?:me|logout)\/?$/.test(path)) return
    await callerOf(parts, ctx, parts.storeClock.now(), { accept: bearerKinds })
  }

/**
 * The metadata where clients look for it, which no base path moves; beside it, where the router
 * has it too.
 */
const rootRoutes = ({ parts }: AppOptions): Router => {
  const router = emptyRouter()
  const metadata = withoutParameters(metadataRoute(parts))
  for (const path of metadataPaths(parts.metadata.issuer)) router.get(path, metadata)
  return router.get(
    ssfMetadataPath(parts.metadata.issuer),
    withoutParameters(ssfMetadataRoute(parts)),
  )
}

/** By the route's pattern: paths hold ids, and strangers make up any number of them. */
const counting =
  (meter: Meter) =>
  async (ctx: RouterContext, next: Next): Promise<void> => {
    await next()
    const route = String(ctx._matchedRoute ?? 'none')
    meter.count('curfew_http_requests_total', { route, status: String(ctx.status) })
    const status = ctx.res.getHeader('Revocation-Status')
    if (status !== undefined) {
      meter.count('curfew_revocation_answers_total', { status: String(status) })
    }
  }

/** The gateway's HTTP face, without a server around it. */
export const createApp = (options: AppOptions): Koa => {
  const app = new Koa()
  const router = routes(options)
  app.on('error', (error: Error) => tellBrokenAnswer(options.parts.logger, error))
  app.use(noteRequest(options.parts))
  if (options.meter) app.use(counting(options.meter) as Middleware)
  app.use(
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'none'"],
          objectSrc: ["'none'"],
          // What `default-src` does not cover.
          baseUri: ["'none'"],
          formAction: ["'none'"],
          frameAncestors: ["'none'"],
          sandbox: [],
        },
      },
      referrerPolicy: { policy: 'no-referrer' },
    }),
  )
  app.use(async (ctx, next) => {
    ctx.set('Cache-Control', 'no-store')
    await next()
  })
  const { origins } = options.parts
  const pages = pageRoutes(options.basePath)
  if (origins.areNamed) app.use(shareWithTrusted(origins, pages))
  app.use(translateErrors(options.parts))
  app.use(healthRoutes(options.health))
  app.use(refuseForeignPages(origins, pages.isForPages))
  app.use(async (_ctx, next) => {
    if (!options.isPrepared()) throw new AuthError('STORE_UNAVAILABLE', 'not prepared yet')
    await next()
  })
  app.use(router.routes())
  app.use(rootRoutes(options).routes())
  app.use(refuseOtherMethods(wantCaller(options)))
  return app
}
