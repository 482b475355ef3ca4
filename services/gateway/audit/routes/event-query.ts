import type { Context } from 'koa'
import { type AuditFilter, noFilter } from '../../../../shared/events/audit-terms.ts'
import { type EventType, eventSchemas } from '../../../../shared/events/event.ts'
import type { CallerDeps, SubjectDeps } from '../../accounts/index.ts'
import {
  cursorOf,
  fieldProblem,
  given,
  limitOf,
  orderOf,
  termOf,
  timeOf,
} from '../../http/index.ts'
import type { EventDeps } from '../../publication/index.ts'
import type { Auditing, SettingsClients } from '../index.ts'
import { placeOf, type WantedPage } from '../index.ts'

const isKind = (text: string): text is EventType => Object.hasOwn(eventSchemas, text)

const kindOf = (ctx: Context): EventType | null => {
  const kind = given(ctx, 'kind')
  if (kind === null || isKind(kind)) return kind
  throw fieldProblem('kind', 'There is no such type of event: docs/reference/events.md.')
}

const afterIn = (ctx: Context): WantedPage['after'] => cursorOf(ctx, placeOf)

/**
 * The page that a request asks for; `user` is as it was given. `afterOf` reads its cursor, where it
 * is one of pages. @throws Refusal 400
 */
export const eventQuery = (ctx: Context, afterOf: typeof afterIn | null = afterIn): WantedPage => {
  const filter: AuditFilter = {
    ...noFilter,
    ...{ user: given(ctx, 'user'), session: termOf(ctx, 'session'), token: termOf(ctx, 'token') },
    ...{ client: termOf(ctx, 'client'), actor: given(ctx, 'actor'), kind: kindOf(ctx) },
    address: termOf(ctx, 'address'),
  }
  return {
    ...filter,
    ...timeOf(ctx),
    order: orderOf(ctx),
    after: afterOf?.(ctx) ?? null,
    limit: limitOf(ctx),
  }
}

export type EventRouteDeps = CallerDeps &
  SubjectDeps &
  SettingsClients &
  EventDeps &
  Readonly<{ audit: Auditing }>
