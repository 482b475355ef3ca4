import type { Context } from 'koa'
import { type RouteDoc, refusalSchema } from '../../../shared/http/route-doc.ts'
import { anyBadContent, badParameters, oauthErrorSchema } from './answer-docs.ts'
import type { Refusal } from './errors.ts'
import { fieldProblem } from './field-problem.ts'
import type { GatewayRoute } from './gateway-route.ts'
import { inOAuthWords } from './oauth-errors.ts'

const queryNames = ({ parameters = [] }: RouteDoc): ReadonlySet<string> =>
  new Set(parameters.flatMap((one) => (one.in === 'query' ? [one.name] : [])))

/** What is wrong with the query; `null` when each parameter is known, and came once. */
export const queryProblem = ({ query }: Context, known: ReadonlySet<string>): Refusal | null => {
  for (const [name, value] of Object.entries(query)) {
    if (!known.has(name)) return fieldProblem(name, 'Unknown parameter.')
    if (Array.isArray(value)) return fieldProblem(name, 'This parameter came twice.')
  }
  return null
}

/** For what is mounted beside the table, and takes none. */
export const withoutParameters =
  (route: (ctx: Context) => void) =>
  (ctx: Context): void => {
    const problem = queryProblem(ctx, new Set())
    if (problem) throw problem
    route(ctx)
  }

const isInOAuthWords = ({ answers }: RouteDoc): boolean =>
  answers[400]?.content?.schema === oauthErrorSchema

/** What a route says of 400 already may be of other things than fields. */
const withBadParameters = (answers: RouteDoc['answers']): RouteDoc['answers'] => {
  const { 400: own = badParameters } = answers
  const isPlain = own.content?.schema === refusalSchema
  return { ...answers, 400: isPlain ? { ...own, content: anyBadContent } : own }
}

/**
 * A route that refuses what its description does not name, with 400: a mistyped parameter must not
 * be a silent nothing (`?preveiw=true` would end sessions). Whoever the caller is, since it tells
 * nobody anything. Not where the query is somebody else's, as at forward-auth.
 */
export const refusingUnknownParameters = <Parts>(row: GatewayRoute<Parts>): GatewayRoute<Parts> => {
  const { doc, handler } = row
  if (doc.queryOfOthers) return row
  const known = queryNames(doc)
  const strict: GatewayRoute<Parts>['handler'] = (deps) => {
    const route = handler(deps)
    const checked = async (ctx: Context): Promise<void> => {
      const problem = queryProblem(ctx, known)
      if (problem) throw problem
      await route(ctx)
    }
    return isInOAuthWords(doc) ? inOAuthWords(checked) : checked
  }
  return { ...row, handler: strict, doc: { ...doc, answers: withBadParameters(doc.answers) } }
}
