import type { Context } from 'koa'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { Refusal } from './answer-error.ts'
import { bodyProblem, fieldProblem, givenTwice, notText, textOf } from './field-problem.ts'
import { parseForm } from './form-body.ts'
import { describeFault, findJsonProblem } from './json-problem.ts'
import { parseMultipart } from './multipart-body.ts'

const bodyBytesMax = 16 * 1024
const jsonDepthMax = 16
const typeCharsMax = 100

const formType = 'application/x-www-form-urlencoded'

const readAll = async (ctx: Context): Promise<Buffer> => {
  const tooLarge = (): AuthError =>
    new AuthError('BODY_TOO_LARGE', `The body is larger than ${bodyBytesMax} bytes.`)
  if (Number(ctx.get('content-length')) > bodyBytesMax) throw tooLarge()
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of ctx.req as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > bodyBytesMax) break
      chunks.push(chunk)
    }
  } catch (cause) {
    // The client disconnected, or sent malformed HTTP. It is no failure of ours.
    throw new AuthError('BODY_ABORTED', 'The body ended before it was whole.', { cause })
  }
  if (size <= bodyBytesMax) return Buffer.concat(chunks)
  // The rest is not read, so the connection must end with this answer.
  ctx.set('Connection', 'close')
  throw tooLarge()
}

const refuseEncoding = (ctx: Context): void => {
  const encoding = ctx.get('content-encoding')
  // Nothing is decompressed: a small body could become a large one.
  if (encoding !== '' && encoding !== 'identity') {
    throw new AuthError('MEDIA_TYPE_UNSUPPORTED', `Unsupported content encoding in request.`)
  }
}

const unsupported = (contentType: string): AuthError => {
  const visible = contentType.slice(0, typeCharsMax).replace(/[^\x20-\x7e]|"/g, '?')
  return new AuthError('MEDIA_TYPE_UNSUPPORTED', `Unsupported media type "${visible}" in request.`)
}

/** The media types of a body; also listed in the answers to `OPTIONS`. */
export const parsedTypes = ['application/json', formType, 'multipart/form-data'] as const

type Fields = ReadonlyMap<string, unknown>

/** For a page that asks a route: the route finds these fields in place of a body. */
export const giveFields = (state: Context['state'], fields: Fields): Context['state'] => ({
  ...state,
  fields,
})

const read = async (ctx: Context, types: readonly string[]): Promise<Fields> => {
  const given = ctx.state['fields'] as Fields | undefined
  if (given !== undefined) return given
  refuseEncoding(ctx)
  const contentType = ctx.get('content-type')
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? ''
  const bytes = await readAll(ctx)
  // An empty body has no fields, whatever its type.
  if (bytes.length === 0) return new Map()
  if (!types.includes(type)) throw unsupported(contentType)
  if (type === formType) return parseForm(bytes)
  return type === 'application/json' ? parseJson(bytes) : parseMultipart(contentType, bytes)
}

/**
 * The fields of a body, which may be JSON, a form or multipart. An absent body has none.
 * @throws AuthError BODY_TOO_LARGE, MEDIA_TYPE_UNSUPPORTED, BODY_INVALID; Refusal 400 naming a
 * field that is repeated, a file, or no UTF-8.
 */
export const readFields = (ctx: Context): Promise<Fields> => read(ctx, parsedTypes)

/** The members of a JSON object. Other media types are refused; an absent body has none. */
export const readJsonObject = (ctx: Context): Promise<Fields> => read(ctx, ['application/json'])

/**
 * Waits for the body, then authorizes the caller, and only then throws if the body was wrong.
 * The order matters: a sender can take as long as it likes over the body. A caller who was
 * authorized before it could act although a revocation, or the loss of the administrator role, was
 * acknowledged meanwhile.
 */
export const readBodyThenCaller = async <Body, Caller>(
  bodyRead: Promise<Body>,
  authorize: () => Promise<Caller>,
): Promise<readonly [Caller, Body]> => {
  const [read] = await Promise.allSettled([bodyRead])
  const caller = await authorize()
  if (read.status === 'rejected') throw read.reason
  return [caller, read.value]
}

const parseError = (what: string): AuthError =>
  new AuthError('BODY_INVALID', `JSON parse error - ${what}`)

const kindOf = (value: unknown): string => {
  if (Array.isArray(value)) return 'list'
  if (typeof value === 'string') return 'str'
  if (typeof value === 'boolean') return 'bool'
  return Number.isInteger(value) ? 'int' : 'float'
}

const parseJson = (bytes: Buffer): Fields => {
  const text = textOf(bytes)
  if (text === null) throw parseError('the body is not UTF-8')
  const problem = findJsonProblem(text, { depthMax: jsonDepthMax })
  if (problem?.kind === 'duplicate') throw fieldProblem(problem.field, givenTwice)
  if (problem?.kind === 'depth') throw parseError(`nested deeper than ${jsonDepthMax} levels`)
  if (problem) throw parseError(describeFault(text, problem))
  const value = JSON.parse(text) as unknown
  if (value === null) throw bodyProblem('No data provided')
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw bodyProblem(`Invalid data. Expected a dictionary, but got ${kindOf(value)}.`)
  }
  // A Map, so that a member named __proto__ cannot reach a prototype.
  return new Map(Object.entries(value))
}

/** Fields of a form body (RFC 7662, RFC 7009). */
export const readForm = async (ctx: Context): Promise<ReadonlyMap<string, string>> => {
  refuseEncoding(ctx)
  if (!ctx.is(formType)) {
    throw new AuthError('MEDIA_TYPE_UNSUPPORTED', 'The body must be a form.')
  }
  return parseForm(await readAll(ctx))
}

type FieldCheck = Readonly<{ value: string } | { problem: string }>

const loneSurrogate = /\p{Surrogate}/u

// Django REST framework's CharField: numbers become text, booleans and structures do not.
const checkText = (value: unknown): FieldCheck => {
  if (value === undefined) return { problem: 'This field is required.' }
  if (value === null) return { problem: 'This field may not be null.' }
  if (typeof value === 'number') return checkNumber(value)
  if (typeof value !== 'string') return { problem: notText }
  if (value.includes('\0')) return { problem: 'Null characters are not allowed.' }
  const surrogate = loneSurrogate.exec(value)?.[0].charCodeAt(0).toString(16).toUpperCase()
  if (surrogate) return { problem: `Surrogate characters are not allowed: U+${surrogate}.` }
  return value === '' ? { problem: 'This field may not be blank.' } : { value }
}

// An integer that lost digits when it was parsed could name another user.
const checkNumber = (value: number): FieldCheck =>
  Number.isSafeInteger(value) || (Number.isFinite(value) && !Number.isInteger(value))
    ? { value: String(value) }
    : { problem: notText }

/**
 * Reads text fields, or answers 400 with every field at fault: `{"password": ["This field is
 * required."]}`.
 */
export const textFields = <Name extends string>(
  body: ReadonlyMap<string, unknown>,
  ...names: readonly Name[]
): Readonly<Record<Name, string>> => {
  const values: Record<string, string> = {}
  const problems: Record<string, readonly string[]> = {}
  for (const name of names) {
    const checked = checkText(body.get(name))
    if ('problem' in checked) problems[name] = [checked.problem]
    else values[name] = checked.value
  }
  if (Object.keys(problems).length > 0) throw new Refusal(400, problems)
  return values as Record<Name, string>
}
