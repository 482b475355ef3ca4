import type { Context } from 'koa'
import type { Method, Route, RouteDoc } from '../../../shared/http/route-doc.ts'

type Handled = void | Promise<void>
export type Handler<Deps> = (deps: Deps) => (ctx: Context) => Handled

/** One row of a room's list of routes. `Deps` is what its handler uses. */
export type GatewayRoute<Deps = never> = Route<Handler<Deps>>

/** A route whose handler got its dependencies. */
export type BoundRoute = Route<(ctx: Context) => Handled>

/** Gives each handler its dependencies, for each request anew. */
export const bindRoutes = <Deps>(
  routes: readonly GatewayRoute<Deps>[],
  depsOf: (ctx: Context) => Deps,
): readonly BoundRoute[] =>
  routes.map(({ handler, ...row }) => ({ ...row, handler: (ctx) => handler(depsOf(ctx))(ctx) }))

const row =
  (method: Method) =>
  <Deps>(path: string, handler: Handler<Deps>, doc: RouteDoc): GatewayRoute<Deps> => ({
    method,
    path,
    handler,
    doc,
  })

export const get = row('get')
export const post = row('post')
export const put = row('put')
export const patch = row('patch')
export const del = row('delete')
export const all = row('all')
