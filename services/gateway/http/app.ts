import Router, { type RouterContext } from '@koa/router'
import Koa from 'koa'
import helmet from 'koa-helmet'
import { type Health, healthRoutes } from '../../../shared/http/health.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { bearerKinds } from '../../../shared/tokens/claims.ts'
import { callerOf } from './caller.ts'
import { translateErrors } from './errors.ts'
import { introspectRoute } from './introspect.ts'
import { loginRoute } from './login.ts'
import { logoutRoute } from './logout.ts'
import { meRoute } from './me.ts'
import { refuseOtherMethods } from './other-methods.ts'
import { refreshRoute } from './refresh.ts'
import { refuseForeignPages } from './request-origin.ts'
import { revocationsRoute } from './revocations.ts'
import type { RouteParts } from './route-parts.ts'
import { slidingLoginRoute, slidingRefreshRoute } from './sliding.ts'
import {
  blacklistView,
  obtainPairView,
  obtainSlidingView,
  refreshSlidingView,
  refreshView,
  verifyView,
} from './token-views.ts'
import { verifyRoute } from './verify.ts'
import { describeViews } from './view-metadata.ts'

type AppOptions = Readonly<{
  parts: RouteParts
  origins: ReadonlySet<string>
  basePath: string
  health: () => Health
  /** Whether the gateway may sign and decide yet; until then its routes answer 503. */
  isPrepared: () => boolean
  /** The public keys as JWK Set, read anew for each request since rings rotate. */
  jwks: () => object
}>

const jwksCacheSeconds = 300

const routes = ({ parts, basePath, jwks }: AppOptions): Router => {
  const router = new Router(basePath === '/' ? {} : { prefix: basePath })
  router.post('/login', loginRoute(parts))
  router.post('/refresh', refreshRoute(parts))
  router.post('/logout', logoutRoute(parts))
  router.post('/verify', verifyRoute(parts))
  router.post('/sliding/login', slidingLoginRoute(parts))
  router.post('/sliding/refresh', slidingRefreshRoute(parts))
  router.get('/me', meRoute(parts))
  // Django's paths end in a slash; a POST without it was redirected there, and lost its body.
  router.post('/api/token{/}', obtainPairView(parts))
  router.post('/api/token/refresh{/}', refreshView(parts))
  router.post('/api/token/verify{/}', verifyView(parts))
  router.post('/api/token/blacklist{/}', blacklistView(parts))
  router.post('/api/token/sliding{/}', obtainSlidingView(parts))
  router.post('/api/token/sliding/refresh{/}', refreshSlidingView(parts))
  describeViews(router)
  router.post('/introspect', introspectRoute(parts))
  router.post('/revocations', revocationsRoute(parts))
  router.get('/.well-known/jwks.json', (ctx) => {
    ctx.set('Cache-Control', `public, max-age=${jwksCacheSeconds}`)
    ctx.type = 'application/jwk-set+json'
    ctx.body = JSON.stringify(jwks())
  })
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

/** The gateway's HTTP face, without a server around it. */
export const createApp = (options: AppOptions): Koa => {
  const app = new Koa()
  const router = routes(options)
  app.use(
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"], sandbox: [] },
      },
      referrerPolicy: { policy: 'no-referrer' },
    }),
  )
  app.use(async (ctx, next) => {
    ctx.set('Cache-Control', 'no-store')
    await next()
  })
  app.use(translateErrors(options.parts.logger, options.parts.bearer.types[0] ?? 'Bearer'))
  app.use(healthRoutes(options.health))
  app.use(refuseForeignPages(options.origins))
  app.use(async (_ctx, next) => {
    if (!options.isPrepared()) throw new AuthError('STORE_UNAVAILABLE', 'not prepared yet')
    await next()
  })
  app.use(router.routes())
  app.use(refuseOtherMethods(wantCaller(options)))
  return app
}
