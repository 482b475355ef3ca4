import { z } from 'zod'
import { gatewayRoutes } from '../../services/gateway/route-table.ts'
import type {
  AnswerDoc,
  ContentDoc,
  ParameterDoc,
  Route,
  RouteDoc,
} from '../../shared/http/route-doc.ts'
import { feedRouteDocs } from './feed-route.ts'
import { healthRouteDocs } from './health-routes.ts'
import { metricsRouteDocs } from './metrics-route.ts'

type Json = Readonly<Record<string, unknown>>
/** `output` forbids members that no schema names; readers of the document must tolerate them. */
export type Strictness = 'input' | 'output'
type Row = Omit<Route<unknown>, 'handler'>

const everyMethod = ['get', 'post', 'put', 'patch', 'delete'] as const
const oneByOne = (row: Row): readonly Row[] =>
  row.method === 'all' ? everyMethod.map((method) => ({ ...row, method })) : [row]

/** Every row of the gateway that the document describes, in its order. */
export const documentedRoutes = (): readonly Row[] =>
  [...gatewayRoutes, ...healthRouteDocs].flatMap(oneByOne)

/** `/users/:sub` as the document has it, `/users/{sub}`; an optional slash at the end is one. */
export const documentedPath = (path: string): string =>
  path
    .replace(/\{\/\}$/, '/')
    .replace(/\/\{\*([a-z]+)\}$/, '/{$1}')
    .replace(/:([A-Za-z_]+)/g, '{$1}')

const idOf = (schema: z.ZodType): string | undefined => z.globalRegistry.get(schema)?.id

const nameless = z.registry<{ id?: string }>()
/** Without the names of components, which would be references into the schema itself. */
const inlined = (schema: z.ZodType, io: Strictness = 'input'): Json => {
  const options = { io, unrepresentable: 'throw', metadata: nameless } as const
  const { $schema: _, ...rest } = z.toJSONSchema(schema, options)
  return rest
}

/** A document under construction: components are noted when something names them. */
class Components {
  readonly schemas = new Map<string, Json>()
  readonly #io: Strictness

  constructor(io: Strictness) {
    this.#io = io
  }

  refer(schema: z.ZodType): Json {
    const id = idOf(schema)
    if (id === undefined)
      return schema instanceof z.ZodUnion ? this.#union(schema) : inlined(schema, this.#io)
    if (!this.schemas.has(id)) this.schemas.set(id, inlined(schema, this.#io))
    return { $ref: `#/components/schemas/${id}` }
  }

  #union(schema: z.ZodUnion): Json {
    return { anyOf: schema.options.map((option) => this.refer(option as z.ZodType)) }
  }
}

const contentsOf = (contents: readonly ContentDoc[], components: Components): Json =>
  Object.fromEntries(
    contents.map(({ type, schema }) => [type, { schema: components.refer(schema) }]),
  )

const headersOf = (headers: Readonly<Record<string, string>>): Json =>
  Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [
      name,
      { description, schema: { type: 'string' } },
    ]),
  )

const answerOf = ({ description, content, headers }: AnswerDoc, components: Components): Json => ({
  description,
  ...(headers ? { headers: headersOf(headers) } : {}),
  ...(content ? { content: contentsOf([content], components) } : {}),
})

const parameterOf = ({ schema, required, ...rest }: ParameterDoc): Json => ({
  ...rest,
  required: required ?? rest.in === 'path',
  schema: inlined(schema),
})

const operationIdOf = ({ method, path }: Row): string =>
  [method, ...path.split(/[^A-Za-z0-9]+/)]
    .filter((part) => part !== '')
    .map((part, at) => (at === 0 ? part : part.charAt(0).toUpperCase() + part.slice(1)))
    .join('')

const operationOf = (row: Row, components: Components): Json => {
  const doc: RouteDoc = row.doc
  const { summary, description, tag, security, parameters, body, answers, server } = doc
  return {
    operationId: operationIdOf(row),
    summary,
    ...(description === undefined ? {} : { description }),
    tags: [tag],
    ...(server ? { servers: [server] } : {}),
    security: security.map((schemes) => Object.fromEntries(schemes.map((name) => [name, []]))),
    ...(parameters ? { parameters: parameters.map(parameterOf) } : {}),
    ...(body ? { requestBody: { required: true, content: contentsOf(body, components) } } : {}),
    responses: Object.fromEntries(
      Object.entries(answers).map(([status, answer]) => [status, answerOf(answer, components)]),
    ),
  }
}

const pathsOf = (rows: readonly Row[], components: Components): Json => {
  const paths = new Map<string, Json>()
  for (const row of rows) {
    const path = documentedPath(row.path)
    paths.set(path, { ...paths.get(path), [row.method]: operationOf(row, components) })
  }
  return Object.fromEntries(paths)
}

const cookie = (kind: string, description: string): Json => ({
  type: 'apiKey',
  in: 'cookie',
  name: kind,
  description,
})
const securitySchemes: Json = {
  accessCookie: cookie('__Host-access', 'On http over loopback it is called `access`.'),
  refreshCookie: cookie('__Secure-refresh', 'On http over loopback it is called `refresh`.'),
  bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
  serviceClient: {
    type: 'http',
    scheme: 'basic',
    description: 'One of `CURFEW_SERVICE_CLIENTS` that has the permission (RFC 6749, 2.3.1).',
  },
}

const introduction = [
  'Generated by `npm run docs` from the tables of routes that the services are built from.',
  'A prefix (`CURFEW_BASE_PATH`) stands before every path of the gateway but those of health and',
  'of RFC 8414. `docs/reference/errors.md` lists the codes.',
].join('\n')

/** The OpenAPI 3.1 description of the gateway. */
export const openapiDocument = (io: Strictness = 'input'): Json => {
  const components = new Components(io)
  const rows = [...documentedRoutes(), ...feedRouteDocs, ...metricsRouteDocs]
  const paths = pathsOf(rows, components)
  return {
    openapi: '3.1.1',
    info: {
      title: 'Curfew',
      version: '0.1.0',
      description: introduction,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: 'http://localhost:3000', description: 'The gateway of `npm start`' }],
    tags: [...new Set(rows.map(({ doc }) => doc.tag))].map((name) => ({ name })),
    paths,
    components: { schemas: Object.fromEntries(components.schemas), securitySchemes },
  }
}
