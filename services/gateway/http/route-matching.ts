import Router from '@koa/router'
import type { Middleware } from 'koa'
import type { Route } from '../../../shared/http/route-doc.ts'
import type { GatewayRoute } from './gateway-route.ts'

/** Paths are case-sensitive: a proxy’s rule for `/users` covers every spelling that works. */
export const emptyRouter = (basePath = '/'): Router =>
  new Router({ sensitive: true, ...(basePath === '/' ? {} : { prefix: basePath }) })

type Row = Pick<Route<unknown>, 'method' | 'path'>

export const routerOf = <R extends Row>(
  rows: readonly R[],
  basePath: string,
  handlerOf: (row: R) => Middleware,
): Router => {
  const router = emptyRouter(basePath)
  for (const row of rows) router[row.method](row.path, handlerOf(row))
  return router
}

type IsRoute = (path: string, method: string) => boolean

/** Whether a request would be answered by one of `rows`. */
const matcherOf = (rows: readonly Row[], basePath: string): IsRoute => {
  const router = routerOf(rows, basePath, () => () => {})
  return (path, method) => router.match(path, method).route
}

type SortedRow = Omit<GatewayRoute, 'handler'>

const isForServices = ({ doc: { security } }: SortedRow): boolean =>
  security.length > 0 && security.every((schemes) => schemes.includes('serviceClient'))
/** Documents that scripts of every origin may read, without credentials. */
const isPublic = ({ method, doc: { security } }: SortedRow): boolean =>
  method === 'get' && security.length === 0
/** Forward-auth: method and path are those of the proxied request. */
const isForProxies = ({ doc: { queryOfOthers } }: SortedRow): boolean => queryOfOthers ?? false

export type PageRoutes = Readonly<{
  /** Not for scripts of a page: they would need a service's secret. */
  isForServices: IsRoute
  /** Preflights are answered by the service behind the proxy, which has its own CORS rules. */
  isForProxies: IsRoute
  /** Pages call it with cookies or a token, so another origin must be trusted. */
  isForPages: IsRoute
}>

/** Sorts the routes by who calls them, as their documented security says. */
export const pageRoutes = (routes: readonly SortedRow[], basePath: string): PageRoutes => {
  const isOther = (row: SortedRow): boolean =>
    isForServices(row) || isPublic(row) || isForProxies(row)
  return {
    isForServices: matcherOf(routes.filter(isForServices), basePath),
    isForProxies: matcherOf(routes.filter(isForProxies), basePath),
    isForPages: matcherOf(
      routes.filter((row) => !isOther(row)),
      basePath,
    ),
  }
}
