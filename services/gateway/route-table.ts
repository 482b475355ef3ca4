import { meRoutes, passwordRoutes, userRoutes } from './accounts/routes/index.ts'
import { auditRoutes, questionRoutes } from './audit/routes/index.ts'
import { guardRoutes } from './guards/routes/index.ts'
import { holdRoutes } from './holds/routes/index.ts'
import { type GatewayRoute, refusingUnknownParameters } from './http/index.ts'
import { keyRoutes } from './keys/routes/index.ts'
import { deadLetterRoutes, listingRoutes, operatorRoutes } from './operators/routes/index.ts'
import { pageRoutes } from './pages/index.ts'
import { proxyRoutes } from './proxies/index.ts'
import { revocationRoutes, revokeRoutes } from './revocations/routes/index.ts'
import type { Rooms } from './rooms.ts'
import { cookieRoutes, sessionRoutes, simpleJwtRoutes } from './sessions/routes/index.ts'
import { backchannelRoutes, ssfRoutes } from './ssf/routes/index.ts'
import { statusListRoutes } from './status-list/routes/index.ts'
import { introspectionRoutes, metadataRoutes } from './tokens/routes/index.ts'

const rows: readonly GatewayRoute<Rooms>[] = [
  // Before the cookie mode's `POST /verify`, which takes a slash at its end too.
  ...proxyRoutes,
  ...cookieRoutes,
  ...meRoutes,
  ...simpleJwtRoutes,
  ...sessionRoutes,
  ...revocationRoutes,
  ...introspectionRoutes,
  ...revokeRoutes,
  ...ssfRoutes,
  ...backchannelRoutes,
  ...passwordRoutes,
  ...userRoutes,
  ...guardRoutes,
  ...auditRoutes,
  ...questionRoutes,
  ...holdRoutes,
  ...operatorRoutes,
  ...listingRoutes,
  ...deadLetterRoutes,
  ...keyRoutes,
  ...statusListRoutes,
  ...metadataRoutes,
  ...pageRoutes,
]

/**
 * Every route of the gateway but health, in the order of the reference. The router and
 * `docs/reference/openapi.json` are made from it: a new route is one row in one of these lists.
 */
export const gatewayRoutes: readonly GatewayRoute<Rooms>[] = rows.map((row) =>
  refusingUnknownParameters(row),
)
