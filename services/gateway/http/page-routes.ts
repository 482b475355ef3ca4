import type { GatewayRoute } from './gateway-route.ts'
import { type IsRoute, matcherOf } from './route-matching.ts'

type Row = Omit<GatewayRoute, 'handler'>

const isForServices = ({ doc: { security } }: Row): boolean =>
  security.length > 0 && security.every((schemes) => schemes.includes('serviceClient'))
/** Documents that scripts of every origin may read, without credentials. */
const isPublic = ({ method, doc: { security } }: Row): boolean =>
  method === 'get' && security.length === 0
/** A proxy asks in the words of somebody else's request. */
const isForProxies = ({ doc: { queryOfOthers } }: Row): boolean => queryOfOthers ?? false

export type PageRoutes = Readonly<{
  /** A script on a page has no business there: it would need a service's secret. */
  isForServices: IsRoute
  /** The service behind a proxy decides who may call it from where: it answers preflights. */
  isForProxies: IsRoute
  /** Pages call it with cookies or a token, so those of another origin ask first. */
  isForPages: IsRoute
}>

/** Which of `routes` pages call, as the table says who is let in. */
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
