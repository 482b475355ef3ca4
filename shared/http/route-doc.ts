import { z } from 'zod'

/** What a request shows to be let in; several names in one list are all needed. */
export type Scheme = 'accessCookie' | 'refreshCookie' | 'bearer' | 'serviceClient'

export type ContentDoc = Readonly<{ type: string; schema: z.ZodType }>
export type ParameterDoc = Readonly<{
  in: 'header' | 'query' | 'path'
  name: string
  description: string
  required?: boolean
  schema: z.ZodType
}>
export type AnswerDoc = Readonly<{
  description: string
  content?: ContentDoc
  /** Beside those that every answer has. */
  headers?: Readonly<Record<string, string>>
}>

/** What the OpenAPI document says of one route. */
export type RouteDoc = Readonly<{
  summary: string
  description?: string
  tag: string
  /** Any one of the lists lets a caller in; none at all: everybody may call. */
  security: readonly (readonly Scheme[])[]
  parameters?: readonly ParameterDoc[]
  /** One of them. */
  body?: readonly ContentDoc[]
  answers: Readonly<Record<number, AnswerDoc>>
  /** The query is of a request that somebody else was sent, and is not looked at. */
  queryOfOthers?: true
  /** A stranger's link may add what it likes to the address; nothing of it is looked at. */
  ignoresQuery?: true
  /** Where it is served, if not at the port of the others. */
  server?: Readonly<{ url: string; description: string }>
}>

/** `all`: whatever the method. */
export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete' | 'all'

/**
 * One row of a service's table of routes. The router is built from the rows, so no route is without
 * its description, and `docs/reference/openapi.json` cannot name one that is not there.
 */
export type Route<Handler> = Readonly<{
  method: Method
  /** As the router takes it: `/users/:sub`. */
  path: string
  handler: Handler
  doc: RouteDoc
}>

/** A schema that the document holds once, under this name. */
export const component = <Schema extends z.ZodType>(id: string, schema: Schema): Schema =>
  schema.meta({ id })

export const json = (schema: z.ZodType): ContentDoc => ({ type: 'application/json', schema })
export const form = (schema: z.ZodType): ContentDoc => ({
  type: 'application/x-www-form-urlencoded',
  schema,
})
/** A body of fields in whichever form: JSON, form or multipart. */
export const fields = (schema: z.ZodType): readonly ContentDoc[] => [
  json(schema),
  form(schema),
  { type: 'multipart/form-data', schema },
]

/** The body of every failure, except where OAuth 2.0 defines another one. */
export const refusalSchema = component(
  'Refusal',
  z.object({
    detail: z.string(),
    /** Stable; `docs/reference/errors.md` lists them. */
    code: z.string().optional(),
    messages: z
      .array(z.object({ token_class: z.string(), token_type: z.string(), message: z.string() }))
      .optional(),
  }),
)
