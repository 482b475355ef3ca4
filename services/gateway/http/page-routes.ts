import { proxyRoutes } from '../proxies/proxy-routes.ts'
import { gatewayRoutes } from '../route-table.ts'
import type { GatewayRoute } from './gateway-route.ts'
import { type IsRoute, matcherOf } from './route-matching.ts'

const isForServices = ({ doc: { security } }: GatewayRoute): boolean =>
  security.length > 0 && security.every((schemes) => schemes.includes('serviceClient'))
/** Documents that scripts of every origin may read, without credentials. */
const isPublic = ({ method, doc: { security } }: GatewayRoute): boolean =>
  method === 'get' && security.length === 0

export type PageRoutes = Readonly<{
  /** A script on a page has no business there: it would need a service's secret. */
  isForServices: IsRoute
  /** The service behind a proxy decides who may call it from where: it answers preflights. */
  isForProxies: IsRoute
  /** Pages call it with cookies or a token, so those of another origin ask first. */
  isForPages: IsRoute
}>

/** Which routes pages call, as the table says who is let in. */
export const pageRoutes = (basePath: string): PageRoutes => {
  const isOther = (row: GatewayRoute): boolean =>
    isForServices(row) || isPublic(row) || proxyRoutes.includes(row)
  return {
    isForServices: matcherOf(gatewayRoutes.filter(isForServices), basePath),
    isForProxies: matcherOf(proxyRoutes, basePath),
    isForPages: matcherOf(
      gatewayRoutes.filter((row) => !isOther(row)),
      basePath,
    ),
  }
}
