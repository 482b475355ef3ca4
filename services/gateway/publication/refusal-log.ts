import type { Context } from 'koa'
import { type AuthEvent, event } from '../../../shared/events/event.ts'
import { type LogFields, type Logger, redactText } from '../../../shared/kernel/logger.ts'
import { LogRateLimit } from '../../../shared/kernel/logging/log-rate-limit.ts'
import {
  actOfRequest,
  factsOf,
  fieldsOfRequest,
  type RefusedRequest,
  type RequestFacts,
} from '../http/index.ts'
import { type RefusalDeps, RefusalEvents } from './refusal-events.ts'

/** For each kind of refusal, in each gateway. */
const linesPerSecondMax = 50
const textMax = 256

type Kind = Readonly<{ name: string; message: string }>

const originRefused: Kind = {
  name: 'origin_refused',
  message: 'a page of another site was refused',
}
const accessDenied: Kind = { name: 'access_denied', message: 'somebody may not do this' }
const limited: Kind = { name: 'limited', message: 'too many attempts' }
const loginLimited: Kind = { name: 'login_limited', message: 'too many attempts to log in' }
const clientRefused: Kind = { name: 'client_refused', message: 'no such service client or secret' }

const kindOf = ({ status, code, about }: RefusedRequest): Kind | null => {
  if (status === 403) return code === 'origin_refused' ? originRefused : accessDenied
  if (status === 429) return 'limit' in about ? loginLimited : limited
  return status === 401 && code === 'invalid_client' ? clientRefused : null
}

const visible = (text: string): string =>
  redactText(text.slice(0, textMax).replace(/[^\x20-\x7e]/g, '?')).slice(0, textMax)

const pageOf = (ctx: Context): string | null => visible(ctx.get('origin')) || null

const methodAndPath = (ctx: Context) => ({
  method: visible(ctx.method).slice(0, 16),
  path: visible(ctx.path),
})

/** The caller, for the log line: ids only. */
const callerFields = ({ caller }: RequestFacts): LogFields => {
  if (caller === null) return {}
  return caller.by === 'service' ? { client: caller.client } : { sub: caller.sub, sid: caller.sid }
}

/** The event for a refusal, and what makes it unique; `null` for a kind that is only logged. */
const eventOf = (
  ctx: Context,
  { code, about }: RefusedRequest,
  kind: Kind,
): Readonly<{ event: AuthEvent; key: string }> | null => {
  const facts = factsOf(ctx)
  const { origin, caller } = facts
  const requestFields = { ...methodAndPath(ctx), ...origin }
  const address = origin.address ?? ''
  switch (kind) {
    case originRefused: {
      const page = pageOf(ctx)
      return {
        event: event('OriginRefused', { page, ...requestFields }),
        key: `${page} ${address}`,
      }
    }
    case accessDenied: {
      const who = caller?.by === 'person' ? { sub: caller.sub, sid: caller.sid } : null
      const actor = caller === null ? null : actOfRequest(facts).actor
      const { sub, sid } = who ?? { sub: null, sid: null }
      const route = String(ctx['_matchedRoute'] ?? requestFields.path)
      const key = `${actor?.id ?? address} ${requestFields.method} ${route}`
      return { event: event('AccessDenied', { actor, sub, sid, code, ...requestFields }), key }
    }
    case loginLimited: {
      const { limit, sub = null, account } = about as LimitedLogin
      const key = `${limit} ${limit === 'address' ? address : account}`
      return { event: event('LoginLimited', { limit, sub, account, ...origin }), key }
    }
    default:
      return null
  }
}

type Data<Type extends AuthEvent['type']> = Extract<AuthEvent, { type: Type }>['data']
/** What `Refused.about` holds when a login was limited. */
export type LimitedLogin = Readonly<{
  limit: Data<'LoginLimited'>['limit']
  sub: Data<'LoginLimited'>['sub']
  account: string
}>

/** Writes a log line for each request that was limited or denied, and appends events for some. */
export class RefusalLog {
  readonly #logger: Logger
  readonly #budget: LogRateLimit
  readonly #events: RefusalEvents

  constructor(deps: RefusalDeps) {
    this.#logger = deps.context.logger
    this.#events = new RefusalEvents(deps)
    this.#budget = new LogRateLimit(deps.context.clock, linesPerSecondMax)
  }

  log(ctx: Context, refused: RefusedRequest): void {
    const kind = kindOf(refused)
    if (kind === null) return
    const found = eventOf(ctx, refused, kind)
    if (found) this.#events.append(found.event, found.key, factsOf(ctx).id)
    const omitted = this.#budget.take(kind.name)
    if (omitted === null) return
    const facts = factsOf(ctx)
    const fields = {
      event: kind.name,
      code: refused.code,
      ...methodAndPath(ctx),
      ...(kind === originRefused ? { page: pageOf(ctx) } : {}),
      ...refused.about,
      ...callerFields(facts),
      ...fieldsOfRequest(facts),
      ...(omitted > 0 ? { omitted } : {}),
    }
    this.#logger.info(fields, kind.message)
  }
}
