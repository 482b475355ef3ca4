import { z } from 'zod'
import { AuthError } from './errors.ts'
import { inOurWords } from './schema-fault.ts'
import { noteGiven } from './shown-settings.ts'

export type Env = Readonly<Record<string, string | undefined>>

/**
 * One setting: where it is read, what it must be, what it is without, and what the reference page
 * says.
 */
export type Field<T> = Readonly<{
  env: `CURFEW_${string}`
  schema: z.ZodType<T, string>
  /** As text, so that the page shows what a person would type; `null` = unset unless given. */
  otherwise: string | null
  secret: boolean
  takes: string
  doc: string
  /** What the same setting is called in djangorestframework-simplejwt, where it has one. */
  simpleJwt?: string
}>
export type Fields = Readonly<Record<string, Field<unknown>>>
export type Values<Table extends Fields> = {
  readonly [Name in keyof Table]: Table[Name] extends Field<infer T> ? T : never
}

type FieldInput<T> = Omit<Field<T>, 'secret' | 'otherwise'> & {
  secret?: boolean
  otherwise: string
}
type OptionalInput<T> = Omit<Field<T>, 'secret' | 'otherwise'> & { secret?: boolean }

export const field = <T>(input: FieldInput<T>): Field<T> => ({ secret: false, ...input })
/** A setting that may be absent: `null` then. */
export const optional = <T>(input: OptionalInput<T>): Field<T | null> => ({
  secret: false,
  ...input,
  schema: input.schema as z.ZodType<T | null, string>,
  otherwise: null,
})

/**
 * What is wrong with a value, in a line that shows no secret. Of a secret, what a message quotes is
 * left out: it may be a piece of it. What has an @ may be an address with a password, in a setting
 * that takes none.
 */
export const describeMistake = (
  { secret, takes }: Field<unknown>,
  given: string,
  error: z.ZodError,
): Readonly<{ shown: string; problem: string }> => {
  const told = error.issues.map(({ message }) => message).join('; ')
  const shown = secret
    ? '(secret)'
    : given.includes('@')
      ? '(not shown: it may hold a password)'
      : JSON.stringify(given)
  const problem = secret ? told.replace(/(["'`]).*\1/gs, '(not shown)') : told
  // Such as `must be from 1 to 64`, where it takes `a number from 1 to 64`.
  const isSaid = takes.endsWith(problem.replace(/^must be /, ''))
  return { shown, problem: isSaid ? `must be ${takes}` : `${problem}. It takes ${takes}` }
}

/**
 * Reads a table from the environment and freezes it.
 * @throws AuthError CONFIG_INVALID that lists every mistake at once, by variable, never showing a
 * secret's value.
 */
export const readConfig = <Table extends Fields>(fields: Table, env: Env): Values<Table> => {
  const mistakes: string[] = []
  const values: Record<string, unknown> = {}
  for (const [name, entry] of Object.entries(fields)) {
    const { env: variable, schema, otherwise } = entry
    const given = env[variable]
    const text = given === undefined || given === '' ? otherwise : given
    if (text === null) {
      values[name] = null
      continue
    }
    const parsed = schema.safeParse(text, { error: inOurWords })
    if (parsed.success) values[name] = parsed.data
    else {
      const { shown, problem } = describeMistake(entry, text, parsed.error)
      mistakes.push(`${variable}=${shown}: ${problem}.`)
    }
  }
  refuse(mistakes)
  noteGiven(values, fields, env)
  return Object.freeze(values) as Values<Table>
}

/** Stops a start with all `mistakes`, or does nothing when there are none. */
export const refuse = (mistakes: readonly string[]): void => {
  if (mistakes.length === 0) return
  const count = mistakes.length === 1 ? '1 setting is' : `${mistakes.length} settings are`
  throw new AuthError('CONFIG_INVALID', `${count} wrong:\n  ${mistakes.join('\n  ')}`)
}

/** Variables that begin with `CURFEW_` and that no table knows: most often a typing mistake. */
export const unknownVariables = (tables: readonly Fields[], env: Env): string[] => {
  const known = new Set(
    tables.flatMap((table) => Object.values(table).map((entry) => entry.env as string)),
  )
  return Object.keys(env).filter((name) => name.startsWith('CURFEW_') && !known.has(name))
}

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}
export const durationTakes = 'a duration such as 500ms, 10s, 15m, 12h or 3d'
/** A duration in milliseconds, at least `min` and at most 10 years. */
export const duration = (min = 0): z.ZodType<number, string> =>
  z.string().transform((text, context) => {
    const match = /^(\d{1,12})(ms|s|m|h|d)$/.exec(text) ?? (text === '0' ? ['0', '0', 'ms'] : null)
    const ms = match ? Number(match[1]) * (unitMs[match[2] ?? ''] ?? Number.NaN) : Number.NaN
    if (!(ms >= min && ms <= 3650 * 86_400_000)) {
      context.issues.push({
        code: 'custom',
        input: text,
        message: match ? `must be at least ${min} ms and at most 3650d` : 'is no duration',
      })
      return z.NEVER
    }
    return ms
  })

export const flag: z.ZodType<boolean, string> = z
  .enum(['true', 'false'], { error: 'is neither true nor false' })
  .transform((text) => text === 'true')
export const flagTakes = 'true or false'

export const whole = (min: number, max: number): z.ZodType<number, string> =>
  z
    .string()
    .regex(/^-?\d+$/, { error: 'is no whole number' })
    .transform(Number)
    .refine((n) => n >= min && n <= max, { error: `must be from ${min} to ${max}` })
export const port = whole(0, 65_535)
export const portTakes = 'a port number; 0 takes a free one'

export const text = (max = 4096): z.ZodType<string, string> =>
  z
    .string()
    .min(1, { error: 'is empty' })
    .max(max, { error: `is longer than ${max} characters` })

export const list: z.ZodType<readonly string[], string> = z.string().transform((given) =>
  given
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
)
export const listTakes = 'values separated by commas'

export const httpUrl: z.ZodType<URL, string> = z.string().transform((given, context) => {
  const url = URL.canParse(given) ? new URL(given) : null
  const bad =
    !url || !['http:', 'https:'].includes(url.protocol)
      ? 'is no http or https address'
      : url.username !== '' || url.search !== '' || url.hash !== ''
        ? 'must have no credentials, query or fragment'
        : null
  if (bad !== null || !url) {
    context.issues.push({ code: 'custom', input: given, message: bad ?? 'is no address' })
    return z.NEVER
  }
  return url
})

/** An address that is an origin: scheme, host and port. */
export const originUrl: z.ZodType<URL, string> = httpUrl.refine(
  ({ pathname }) => pathname === '/',
  { error: 'has a path, and takes none (a gateway below a path is CURFEW_BASE_PATH)' },
)
