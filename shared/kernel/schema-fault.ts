import type { z } from 'zod'

/** What is wrong with a value from outside, in Curfew's words; zod's own are no promise. */
export type SchemaFault = Readonly<{
  /** From the value to the member at fault; empty for the value itself. */
  path: readonly string[]
  /** Behind a name it is a sentence: "must be text". */
  problem: string
}>

type RawIssue = z.core.$ZodRawIssue

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  array: 'a list',
  tuple: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
}
const units: Readonly<Record<string, string>> = { string: ' characters', array: ' items' }

const noForm = 'has no form that it may have'

const oneOf = (all: readonly unknown[]): string =>
  all
    .map(String)
    .join(', ')
    .replace(/, ([^,]*)$/, ' or $1')

const bound = (origin: string, edge: 'least' | 'most', limit: number | bigint): string => {
  const unit = units[origin]
  if (unit === undefined) return `must be at ${edge} ${limit}`
  return `must have at ${edge} ${limit}${limit === 1 ? unit.replace(/s$/, '') : unit}`
}

/** For a schema that says nothing of its own. One that does is heard first. */
export const inOurWords = (issue: RawIssue): string => {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'is required'
      return `must be ${kinds[issue.expected] ?? 'of another type'}`
    case 'too_small':
      return bound(issue.origin, 'least', issue.minimum)
    case 'too_big':
      return bound(issue.origin, 'most', issue.maximum)
    case 'invalid_value':
      if (issue.input === undefined) return 'is required'
      return `must be ${oneOf(issue.values)}`
    case 'invalid_union':
      return Array.isArray(issue.options) ? `must be ${oneOf(issue.options)}` : noForm
    case 'unrecognized_keys':
      return 'is unknown'
    case 'invalid_key':
      return 'is no name that a member may have here'
    default:
      return noForm
  }
}

const faultOf = ({ issues }: z.ZodError): SchemaFault => {
  const [issue] = issues
  const path = (issue?.path ?? []).map(String)
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined
  return {
    path: unknown === undefined ? path : [...path, unknown],
    problem: issue?.message ?? noForm,
  }
}

export type SchemaReading<T> =
  | Readonly<{ ok: true; value: T }>
  | Readonly<{ ok: false; fault: SchemaFault }>

/** Reads a value from outside. Of several faults it tells the first. */
export const readBySchema = <T>(schema: z.ZodType<T>, given: unknown): SchemaReading<T> => {
  const parsed = schema.safeParse(given, { error: inOurWords })
  return parsed.success
    ? { ok: true, value: parsed.data }
    : { ok: false, fault: faultOf(parsed.error) }
}
