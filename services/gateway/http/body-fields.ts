import type { Context } from 'koa'
import { fieldProblem } from './field-problem.ts'

const limitMax = 200
const limitOtherwise = 50
/** A name of 254 characters, in UTF-16 units. */
const cursorMax = 508

const isTextList = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string')

/** A member that may be absent. @throws Refusal 400 that names it. */
export const optionalFlag = (body: ReadonlyMap<string, unknown>, name: string): boolean | null => {
  const value = body.get(name)
  if (value === undefined) return null
  if (typeof value !== 'boolean') throw fieldProblem(name, 'Must be a valid boolean.')
  return value
}

/** A list of texts that may be absent. @throws Refusal 400 that names it. */
export const optionalTexts = (
  body: ReadonlyMap<string, unknown>,
  name: string,
): readonly string[] | null => {
  const value = body.get(name)
  if (value === undefined) return null
  if (!isTextList(value)) throw fieldProblem(name, 'Expected a list of strings.')
  return value
}

/** Refuses unknown members, since a mistyped one must not be ignored. @throws Refusal 400 */
export const refuseUnknownFields = (
  body: ReadonlyMap<string, unknown>,
  known: readonly string[],
): void => {
  for (const name of body.keys()) {
    if (!known.includes(name)) throw fieldProblem(name, 'Unknown field.')
  }
}

export type Page = Readonly<{ after: string | null; limit: number }>

/** `?after=<name>&limit=<1 to 200>`. @throws Refusal 400 that names the member at fault. */
export const pageOf = ({ query }: Context): Page => {
  const { after = null, limit = String(limitOtherwise) } = query
  if (Array.isArray(after) || (after?.length ?? 0) > cursorMax) {
    throw fieldProblem('after', 'Must be one name.')
  }
  const count = typeof limit === 'string' && /^\d{1,3}$/.test(limit) ? Number(limit) : 0
  if (count < 1 || count > limitMax) {
    throw fieldProblem('limit', `Must be a whole number from 1 to ${limitMax}.`)
  }
  return { after, limit: count }
}
