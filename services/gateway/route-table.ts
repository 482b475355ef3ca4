import { ownAccountRoutes, userRoutes } from './accounts/routes/user-routes.ts'
import { guardRoutes } from './guards/routes/guard-routes.ts'
import type { GatewayRoute } from './http/gateway-route.ts'
import { knowingParameters } from './http/known-parameters.ts'
import { proxyRoutes } from './proxies/proxy-routes.ts'
import { serviceRoutes } from './revocations/routes/service-routes.ts'
import { cookieRoutes } from './sessions/routes/cookie-routes.ts'
import { sessionRoutes } from './sessions/routes/session-routes.ts'
import { tokenViewRoutes } from './sessions/routes/token-view-routes.ts'
import { backchannelRoutes } from './ssf/routes/backchannel-routes.ts'
import { ssfRoutes } from './ssf/routes/ssf-routes.ts'
import { statusListRoutes } from './status-list/routes/status-list-routes.ts'
import { publicRoutes } from './tokens/routes/public-routes.ts'

const rows: readonly GatewayRoute[] = [
  // Before the cookie mode's `POST /verify`, which takes a slash at its end too.
  ...proxyRoutes,
  ...cookieRoutes,
  ...tokenViewRoutes,
  ...sessionRoutes,
  ...serviceRoutes,
  ...ssfRoutes,
  ...backchannelRoutes,
  ...ownAccountRoutes,
  ...userRoutes,
  ...guardRoutes,
  ...statusListRoutes,
  ...publicRoutes,
]

/**
 * Every route of the gateway but health, in the order of the reference. The router and
 * `docs/reference/openapi.json` are made from it: a new route is one row in one of these lists.
 */
export const gatewayRoutes: readonly GatewayRoute[] = rows.map(knowingParameters)
