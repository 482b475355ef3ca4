import type { GatewayRoute } from './gateway-route.ts'
import { type IsRoute, matcherOf } from './route-matching.ts'

type Row = Omit<GatewayRoute, 'handler'>

const isForServices = ({ doc: { security } }: Row): boolean =>
  security.length > 0 && security.every((schemes) => schemes.includes('serviceClient'))
/** Documents that scripts of every origin may read, without credentials. */
const isPublic = ({ method, doc: { security } }: Row): boolean =>
  method === 'get' && security.length === 0
/** Forward-auth: method and path are those of the proxied request. */
const isForProxies = ({ doc: { queryOfOthers } }: Row): boolean => queryOfOthers ?? false

export type PageRoutes = Readonly<{
  /** Not for scripts of a page: they would need a service's secret. */
  isForServices: IsRoute
  /** Preflights are answered by the service behind the proxy, which has its own CORS rules. */
  isForProxies: IsRoute
  /** Pages call it with cookies or a token, so another origin must be trusted. */
  isForPages: IsRoute
}>

/** Sorts the routes by who calls them, as their documented security says. */
export const pageRoutes = (routes: readonly Row[], basePath: string): PageRoutes => {
  const isOther = (row: Row): boolean => isForServices(row) || isPublic(row) || isForProxies(row)
  return {
    isForServices: matcherOf(routes.filter(isForServices), basePath),
    isForProxies: matcherOf(routes.filter(isForProxies), basePath),
    isForPages: matcherOf(
      routes.filter((row) => !isOther(row)),
      basePath,
    ),
  }
}
