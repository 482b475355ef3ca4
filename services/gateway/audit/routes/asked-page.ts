import type { Context } from 'koa'
import { type AuditFilter, noFilter } from '../../../../shared/events/audit-terms.ts'
import { type EventType, eventSchemas } from '../../../../shared/events/event.ts'
import type { EpochMs } from '../../../../shared/kernel/ids.ts'
import { isoInstant, isoInstantExample } from '../../../../shared/kernel/iso-instant.ts'
import { fieldProblem } from '../../http/index.ts'
import { placeOf, type WantedPage } from '../index.ts'

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

const isKind = (text: string): text is EventType => Object.hasOwn(eventSchemas, text)

const kindOf = (ctx: Context): EventType | null => {
  const kind = given(ctx, 'kind')
  if (kind === null || isKind(kind)) return kind
  throw fieldProblem('kind', 'There is no such type of event: docs/reference/events.md.')
}

/** ISO 8601, as events have it, or a date. */
export const instantOf = (ctx: Context, name: string): EpochMs | null => {
  const text = given(ctx, name)
  if (text === null) return null
  const at = isoInstant(text)
  if (at !== null) return at
  throw fieldProblem(name, `Must be ${isoInstantExample}.`)
}

export const limitOf = (ctx: Context): number => {
  const text = given(ctx, 'limit')
  const limit = text === null ? pageDefault : /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (limit >= 1 && limit <= pageMax) return limit
  throw fieldProblem('limit', `Must be a whole number from 1 to ${pageMax}.`)
}

export const orderOf = (
  ctx: Context,
  otherwise: WantedPage['order'] = 'newest',
): WantedPage['order'] => {
  const order = given(ctx, 'order') ?? otherwise
  if (order === 'newest' || order === 'oldest') return order
  throw fieldProblem('order', 'Must be newest or oldest.')
}

const afterIn = (ctx: Context): WantedPage['after'] => {
  const text = given(ctx, 'after')
  const after = text === null ? null : placeOf(text)
  if (text === null || after !== null) return after
  throw fieldProblem('after', 'This is no cursor that an earlier page answered.')
}

/**
 * The page that a request asks for; `user` is as it was given. `afterOf` reads its cursor, where it
 * is one of pages. @throws Refusal 400
 */
export const askedPage = (ctx: Context, afterOf: typeof afterIn | null = afterIn): WantedPage => {
  const filter: AuditFilter = {
    ...noFilter,
    ...{ user: given(ctx, 'user'), session: given(ctx, 'session'), token: given(ctx, 'token') },
    ...{ client: given(ctx, 'client'), actor: given(ctx, 'actor'), kind: kindOf(ctx) },
    address: given(ctx, 'address'),
  }
  const time = { since: instantOf(ctx, 'since'), until: instantOf(ctx, 'until') }
  return {
    ...filter,
    ...time,
    order: orderOf(ctx),
    after: afterOf?.(ctx) ?? null,
    limit: limitOf(ctx),
  }
}
