import type { Observed } from './observed.ts'

type Answer = Readonly<{
  status?: number
  body?: unknown
  cookies?: 'set' | 'deleted' | 'none'
  said?: unknown
}>

/** Where Curfew answers otherwise on purpose: a row of the migration page's table. */
export type Difference = Readonly<{
  /** What is done, in the words of that page. */
  what: string
  there: string
  here: string
  why: string
  /** Recorded rows by their ids (`… *`: all that begin so), and what is other than recorded. */
  cases: readonly Readonly<{ rows: readonly string[]; answer: Answer }>[]
}>

export const tokenRefusal = (detail: string): object => ({ detail, code: 'token_not_valid' })
export const invalid = tokenRefusal('Token is invalid')
export const blacklisted = tokenRefusal('Token is blacklisted')
export const noAccount = { detail: 'No active account found for the given token.' }

export const refusedHeader = (message: string): object => ({
  detail: 'Given token not valid for any token type',
  code: 'token_not_valid',
  messages: [{ token_class: 'AccessToken', token_type: 'access', message }],
})

/** The ids of one name under several endpoints or settings. */
export const at = (name: string, ...before: readonly string[]): readonly string[] =>
  before.map((one) => `${one} | ${name}`)

export const covers = (pattern: string, id: string): boolean =>
  pattern.endsWith('*') ? id.startsWith(pattern.slice(0, -1)) : pattern === id

/** What Curfew is expected to answer to a row that is listed. */
export const instead = (expected: Observed, answer: Answer): Observed =>
  'said' in answer ? { said: answer.said } : ({ ...expected, ...answer } as Observed)
