import Router from '@koa/router'
import type { Middleware } from 'koa'
import type { GatewayRoute } from './gateway-route.ts'

/** Paths are spelled one way: a proxy's rule for `/users` holds for all that answers to it. */
export const emptyRouter = (basePath = '/'): Router =>
  new Router({ sensitive: true, ...(basePath === '/' ? {} : { prefix: basePath }) })

export const routerOf = (
  rows: readonly GatewayRoute[],
  basePath: string,
  handlerOf: (row: GatewayRoute) => Middleware,
): Router => {
  const router = emptyRouter(basePath)
  for (const row of rows) router[row.method](row.path, handlerOf(row))
  return router
}

export type IsRoute = (path: string, method: string) => boolean

/** Whether a request would be answered by one of `rows`. */
export const matcherOf = (rows: readonly GatewayRoute[], basePath: string): IsRoute => {
  const router = routerOf(rows, basePath, () => () => {})
  return (path, method) => router.match(path, method).route
}
