import type { Context } from 'koa'
import type { z } from 'zod'
import { giveFields, type Handler } from '../http/index.ts'

type Asked = Readonly<{
  query?: Readonly<Record<string, string>>
  params?: Readonly<Record<string, string>>
  /** In place of a body. */
  fields?: ReadonlyMap<string, unknown>
}>

/**
 * Asks a route of the gateway in this process, with this request’s cookies, address and agent, and
 * returns the body that it answers. Headers that it sets, cookies above all, go into the answer of
 * the page. So a page does what its route does, and nothing else. Throws what the route throws.
 */
export const callRoute = async <Deps>(
  route: Handler<Deps>,
  deps: Deps,
  ctx: Context,
  { query = {}, params = {}, fields }: Asked = {},
): Promise<unknown> => {
  const own = (value: unknown) => ({ value, writable: true })
  const asked = Object.create(ctx, {
    query: own(query),
    params: own(params),
    body: own(undefined),
    status: own(200),
    state: own(fields === undefined ? ctx.state : giveFields(ctx.state, fields)),
  }) as Context
  await route(deps)(asked)
  return asked.body
}

/** As `callRoute`, for a body that the schema of the route’s description gives its type. */
export const readRoute = async <Deps, Body>(
  route: Handler<Deps>,
  schema: z.ZodType<Body>,
  deps: Deps,
  ctx: Context,
  asked: Asked = {},
): Promise<Body> => schema.parse(await callRoute(route, deps, ctx, asked))
