import type { Context } from 'koa'
import { type RouteDoc, refusalSchema } from '../../../shared/http/route-doc.ts'
import { anyBadContent, badParameters, oauthErrorSchema } from './answer-docs.ts'
import type { Refusal } from './answer-error.ts'
import { fieldProblem } from './field-problem.ts'
import type { GatewayRoute } from './gateway-route.ts'
import { withOAuthErrors } from './oauth-errors.ts'

const queryNames = ({ parameters = [] }: RouteDoc): ReadonlySet<string> =>
  new Set(parameters.flatMap((parameter) => (parameter.in === 'query' ? [parameter.name] : [])))

/** What is wrong with the query; `null` if each parameter is known and came once. */
export const queryProblem = ({ query }: Context, known: ReadonlySet<string>): Refusal | null => {
  for (const [name, value] of Object.entries(query)) {
    if (!known.has(name)) return fieldProblem(name, 'Unknown parameter.')
    if (Array.isArray(value)) return fieldProblem(name, 'This parameter came twice.')
  }
  return null
}

/** For routes outside of the table, which take no parameters. */
export const withoutParameters =
  (route: (ctx: Context) => void) =>
  (ctx: Context): void => {
    const problem = queryProblem(ctx, new Set())
    if (problem) throw problem
    route(ctx)
  }

const answersOAuthErrors = ({ answers }: RouteDoc): boolean =>
  answers[400]?.content?.schema === oauthErrorSchema

/** Adds "a parameter is wrong" to the documented 400 of a route. */
const withBadParameters = (answers: RouteDoc['answers']): RouteDoc['answers'] => {
  const { 400: own = badParameters } = answers
  const isPlain = own.content?.schema === refusalSchema
  return { ...answers, 400: isPlain ? { ...own, content: anyBadContent } : own }
}

/**
 * A route that answers 400 for a query parameter that its description does not name. A mistyped
 * parameter must not be ignored (`?preveiw=true` would end sessions). This comes before
 * authentication, since it reveals nothing. Forward-auth is excepted: its query is that of the
 * proxied request; and a page whose address people pass on, with what mails and searches add.
 */
export const refusingUnknownParameters = <Deps>(row: GatewayRoute<Deps>): GatewayRoute<Deps> => {
  const { doc, handler } = row
  if (doc.queryOfOthers || doc.ignoresQuery) return row
  const known = queryNames(doc)
  const strict: GatewayRoute<Deps>['handler'] = (deps) => {
    const route = handler(deps)
    const checked = async (ctx: Context): Promise<void> => {
      const problem = queryProblem(ctx, known)
      if (problem) throw problem
      await route(ctx)
    }
    return answersOAuthErrors(doc) ? withOAuthErrors(checked) : checked
  }
  return { ...row, handler: strict, doc: { ...doc, answers: withBadParameters(doc.answers) } }
}
