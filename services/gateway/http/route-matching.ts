import Router from '@koa/router'
import type { Middleware } from 'koa'
import type { Route } from '../../../shared/http/route-doc.ts'

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

export type IsRoute = (path: string, method: string) => boolean

/** Whether a request would be answered by one of `rows`. */
export const matcherOf = (rows: readonly Row[], basePath: string): IsRoute => {
  const router = routerOf(rows, basePath, () => () => {})
  return (path, method) => router.match(path, method).route
}
