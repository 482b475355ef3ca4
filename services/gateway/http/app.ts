import type { Router, RouterContext } from '@koa/router'
import type Koa from 'koa'
import type { Context, Middleware, Next } from 'koa'
import { type Health, healthRoutes } from '../../../shared/http/health.ts'
import { koaApp } from '../../../shared/http/koa-app.ts'
import { setSecurityHeaders } from '../../../shared/http/security-headers.ts'
import type { Entropy } from '../../../shared/kernel/entropy.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { Logger } from '../../../shared/kernel/logger.ts'
import type { Meter } from '../../../shared/metrics/meter.ts'
import { corsForTrustedOrigins } from './cors.ts'
import type { BoundRoute } from './gateway-route.ts'
import type { HttpDeps } from './http-deps.ts'
import { refuseOtherMethods } from './method-not-allowed.ts'
import { answerOptions } from './options-metadata.ts'
import { noteRequest } from './request-facts.ts'
import { emptyRouter, pageRoutes, routerOf } from './route-matching.ts'
import {
  logUnsentAnswer,
  type OnRefused,
  type ProblemPage,
  translateErrors,
} from './translate-errors.ts'
import { refuseForeignPages } from './trusted-origins.ts'
import { withoutParameters } from './unknown-parameters.ts'

/** A document at the root of the host, whatever the base path. */
export type RootDocument = Readonly<{ path: string; answer: (ctx: Context) => void }>

type AppOptions = Readonly<{
  routes: readonly BoundRoute[]
  rootDocuments: readonly RootDocument[]
  http: Pick<HttpDeps, 'bearer' | 'origins' | 'proxyHops'>
  entropy: Entropy
  logger: Logger
  basePath: string
  health: () => Health
  /** Whether the gateway may sign and decide yet; until then its routes answer 503. */
  isPrepared: () => boolean
  /** Throws unless somebody is authenticated. */
  requireCaller: (ctx: Context) => Promise<unknown>
  onRefused: OnRefused
  problemPage: ProblemPage
  /** What answers pages, before the routes. */
  pages?: readonly Middleware[]
  meter?: Meter | null
}>

const routerFor = ({ routes, basePath }: AppOptions): Router => {
  const router = routerOf(routes, basePath, ({ handler }) => handler)
  answerOptions(router)
  return router
}

/** For routes that answer 401, rather than 405, to a caller who is not authenticated. */
const requireCallerFirst =
  ({ requireCaller, basePath }: AppOptions) =>
  async (ctx: RouterContext): Promise<void> => {
    const path = basePath === '/' ? ctx.path : ctx.path.slice(basePath.length)
    if (/^\/(?:me|logout)\/?$/.test(path)) await requireCaller(ctx)
  }

/** Routes for the documents at the root; with a base path, the router has them below it too. */
const rootRoutes = ({ rootDocuments }: AppOptions): Router => {
  const router = emptyRouter()
  for (const { path, answer } of rootDocuments) router.get(path, withoutParameters(answer))
  return router
}

/** Counts by the pattern of the route: paths have ids, and strangers can make up any number. */
const countRequests =
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

/** The Koa app of the gateway, without a server. */
export const createApp = (options: AppOptions): Koa => {
  const app = koaApp()
  const { http, logger, entropy } = options
  const router = routerFor(options)
  app.on('error', (error: Error) => logUnsentAnswer(logger, error))
  app.use(noteRequest({ entropy, proxyHops: http.proxyHops }))
  if (options.meter) app.use(countRequests(options.meter) as Middleware)
  app.use(setSecurityHeaders)
  const { origins } = http
  const { onRefused, problemPage } = options
  const pages = pageRoutes(options.routes, options.basePath)
  if (origins.areNamed) app.use(corsForTrustedOrigins(origins, pages))
  app.use(translateErrors({ logger, bearer: http.bearer, onRefused, problemPage }))
  app.use(healthRoutes(options.health))
  app.use(refuseForeignPages(origins, pages.isForPages))
  app.use(async (_ctx, next) => {
    if (!options.isPrepared()) throw new AuthError('STORE_UNAVAILABLE', 'not prepared yet')
    await next()
  })
  for (const page of options.pages ?? []) app.use(page)
  app.use(router.routes())
  app.use(rootRoutes(options).routes())
  app.use(refuseOtherMethods(requireCallerFirst(options)))
  return app
}
