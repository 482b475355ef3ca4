import type { Context } from 'koa'
import { z } from 'zod'
import { type SearchTermName, searchTerms } from '../../../shared/events/search-terms.ts'
import type { ParameterDoc } from '../../../shared/http/route-doc.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { isoInstant, isoInstantExample } from '../../../shared/kernel/iso-instant.ts'
import { fieldProblem } from './field-problem.ts'

/** Parameters of routes that answer pages of what happened. */

const pageMax = 1_000
const pageDefault = 100
const textMax = 508

export const given = ({ query }: Context, name: string): string | null => {
  const value = query[name] ?? null
  if (Array.isArray(value) || value === '' || (value?.length ?? 0) > textMax) {
    throw fieldProblem(name, `Must be one text of 1 to ${textMax} characters.`)
  }
  return value
}

/** ISO 8601, as events have it, or a date. */
export const instantOf = (ctx: Context, name: string): EpochMs | null => {
  const text = given(ctx, name)
  if (text === null) return null
  const at = isoInstant(text)
  if (at !== null) return at
  throw fieldProblem(name, `Must be ${isoInstantExample}.`)
}

/** From when, and until before when. @throws Refusal 400 also for a time without an instant */
export const timeOf = (
  ctx: Context,
): Readonly<{ since: EpochMs | null; until: EpochMs | null }> => {
  const [since, until] = [instantOf(ctx, 'since'), instantOf(ctx, 'until')]
  if (since !== null && until !== null && since >= until) {
    throw fieldProblem('until', 'Must be after since.')
  }
  return { since, until }
}

/** In the spelling that events have. @throws Refusal 400 for what can be in no event */
export const termOf = (ctx: Context, name: SearchTermName): string | null => {
  const text = given(ctx, name)
  const { form, read } = searchTerms[name]
  const term = text === null ? null : read(text)
  if (text === null || term !== null) return term
  throw fieldProblem(name, `Must be ${form}.`)
}

export const limitOf = (ctx: Context): number => {
  const text = given(ctx, 'limit')
  const limit = text === null ? pageDefault : /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (limit >= 1 && limit <= pageMax) return limit
  throw fieldProblem('limit', `Must be a whole number from 1 to ${pageMax}.`)
}

/** `after`, as `read` understands it; `null` for the first page. @throws Refusal 400 */
export const cursorOf = <Cursor>(
  ctx: Context,
  read: (text: string) => Cursor | null,
): Cursor | null => {
  const text = given(ctx, 'after')
  const after = text === null ? null : read(text)
  if (text === null || after !== null) return after
  throw fieldProblem('after', 'This is no cursor that an earlier page answered.')
}

type Order = 'newest' | 'oldest'

export const orderOf = (ctx: Context, otherwise: Order = 'newest'): Order => {
  const order = given(ctx, 'order') ?? otherwise
  if (order === 'newest' || order === 'oldest') return order
  throw fieldProblem('order', 'Must be newest or oldest.')
}

/** How a parameter is described. */
export const inQuery = (
  name: string,
  description: string,
  schema: z.ZodType = z.string(),
): ParameterDoc => ({
  in: 'query',
  ...{ name, description, schema },
})

const limitMax = 200
const limitOtherwise = 50
/** A name of 254 characters, in UTF-16 units. */
const cursorMax = 508

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
