import type { Context } from 'koa'
import type { Method, Route, RouteDoc } from '../../../shared/http/route-doc.ts'

type Handled = void | Promise<void>
export type Handler<Parts> = (deps: Parts) => (ctx: Context) => Handled

/** One row of a room's list of routes: `Parts` are what its handler uses. */
export type GatewayRoute<Parts = never> = Route<Handler<Parts>>

/** A route that has what it uses. */
export type BoundRoute = Route<(ctx: Context) => Handled>

/** Gives each route what it uses, anew for each request. */
export const bound = <Parts>(
  routes: readonly GatewayRoute<Parts>[],
  partsOf: (ctx: Context) => Parts,
): readonly BoundRoute[] =>
  routes.map(({ handler, ...row }) => ({ ...row, handler: (ctx) => handler(partsOf(ctx))(ctx) }))

const row =
  (method: Method) =>
  <Parts>(path: string, handler: Handler<Parts>, doc: RouteDoc): GatewayRoute<Parts> => ({
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
