import type { Context } from 'koa'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { Refusal } from './errors.ts'

const bodyBytesMax = 16 * 1024

const readAll = async (ctx: Context): Promise<Buffer> => {
  const tooLarge = (): AuthError =>
    new AuthError('BODY_TOO_LARGE', `The body is larger than ${bodyBytesMax} bytes.`)
  if (Number(ctx.get('content-length')) > bodyBytesMax) throw tooLarge()
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of ctx.req as AsyncIterable<Buffer>) {
    size += chunk.length
    // The rest is not read: the connection ends with the answer.
    if (size > bodyBytesMax) {
      ctx.set('Connection', 'close')
      throw tooLarge()
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const decodeUtf8 = (bytes: Buffer): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new AuthError('BODY_INVALID', 'JSON parse error - the body is not UTF-8')
  }
}

const refuseEncoding = (ctx: Context): void => {
  const encoding = ctx.get('content-encoding')
  // Nothing is inflated: a small body could become a large one.
  if (encoding !== '' && encoding !== 'identity') {
    throw new AuthError('MEDIA_TYPE_UNSUPPORTED', `Unsupported content encoding in request.`)
  }
}

/**
 * The members of a JSON object body; an absent body has none.
 * @throws AuthError BODY_TOO_LARGE, MEDIA_TYPE_UNSUPPORTED, BODY_INVALID; Refusal 400 when it is no
 * object.
 */
export const readJsonObject = async (ctx: Context): Promise<ReadonlyMap<string, unknown>> => {
  refuseEncoding(ctx)
  const type = ctx.get('content-type').split(';')[0]?.trim().toLowerCase() ?? ''
  const bytes = await readAll(ctx)
  if (bytes.length === 0) return new Map()
  if (type !== 'application/json') {
    const shown = type.replace(/[^\x20-\x7e]|"/g, '?')
    throw new AuthError('MEDIA_TYPE_UNSUPPORTED', `Unsupported media type "${shown}" in request.`)
  }
  const value = parse(decodeUtf8(bytes))
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const kind = value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value
    const message = `Invalid data. Expected a dictionary, but got ${kind}.`
    throw new Refusal(400, { non_field_errors: [message] })
  }
  // A Map has no prototype for a member named __proto__ to reach.
  return new Map(Object.entries(value))
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    throw new AuthError('BODY_INVALID', 'JSON parse error - the body is not valid JSON')
  }
}

/**
 * Members of an `application/x-www-form-urlencoded` body (RFC 7662, RFC 7009); a repeated one is
 * refused.
 */
export const readForm = async (ctx: Context): Promise<ReadonlyMap<string, string>> => {
  refuseEncoding(ctx)
  if (!ctx.is('application/x-www-form-urlencoded')) {
    throw new AuthError('MEDIA_TYPE_UNSUPPORTED', 'The body must be a form.')
  }
  const form = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(decodeUtf8(await readAll(ctx)))) {
    if (form.has(name)) throw new AuthError('BODY_INVALID', 'a member of the form is repeated')
    form.set(name, value)
  }
  return form
}

type FieldCheck = Readonly<{ value: string } | { problem: string }>

// Django REST framework's CharField: numbers become text, booleans and structures do not.
const checkText = (given: unknown): FieldCheck => {
  if (given === undefined) return { problem: 'This field is required.' }
  if (given === null) return { problem: 'This field may not be null.' }
  if (typeof given === 'number') return { value: String(given) }
  if (typeof given !== 'string') return { problem: 'Not a valid string.' }
  if (given.includes('\0')) return { problem: 'Null characters are not allowed.' }
  return given === '' ? { problem: 'This field may not be blank.' } : { value: given }
}

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
