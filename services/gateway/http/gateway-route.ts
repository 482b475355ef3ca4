import type { Context } from 'koa'
import type { Method, Route, RouteDoc } from '../../../shared/http/route-doc.ts'
import type { AppParts } from '../route-parts.ts'

type Handler = (parts: AppParts) => (ctx: Context) => void | Promise<void>
export type GatewayRoute = Route<Handler>

const row =
  (method: Method) =>
  (path: string, handler: Handler, doc: RouteDoc): GatewayRoute => ({ method, path, handler, doc })

export const get = row('get')
export const post = row('post')
export const put = row('put')
export const patch = row('patch')
export const del = row('delete')
export const all = row('all')
