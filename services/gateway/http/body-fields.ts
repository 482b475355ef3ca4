import { fieldProblem } from './field-problem.ts'

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
