import { backchannelRoutes } from './backchannel-routes.ts'
import { cookieRoutes } from './cookie-routes.ts'
import type { GatewayRoute } from './gateway-route.ts'
import { guardRoutes } from './guard-routes.ts'
import { knowingParameters } from './known-parameters.ts'
import { proxyRoutes } from './proxy-routes.ts'
import { publicRoutes } from './public-routes.ts'
import { serviceRoutes } from './service-routes.ts'
import { sessionRoutes } from './session-routes.ts'
import { ssfRoutes } from './ssf-routes.ts'
import { statusListRoutes } from './status-list-routes.ts'
import { tokenViewRoutes } from './token-view-routes.ts'
import { ownAccountRoutes, userRoutes } from './user-routes.ts'

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
