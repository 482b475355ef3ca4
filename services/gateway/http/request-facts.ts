import type { Context, Middleware } from 'koa'
import { type Act, gatewayActor, type Origin } from '../../../shared/events/event.ts'
import type { Entropy } from '../../../shared/kernel/entropy.ts'
import type { ClientId, SessionId, SubjectId } from '../../../shared/kernel/ids.ts'
import { type LogFields, redactText } from '../../../shared/kernel/logger.ts'
import { requestOrigin } from './request-origin.ts'

/** The caller who was authenticated. */
export type NotedCaller =
  | Readonly<{ by: 'person'; sub: SubjectId; sid: SessionId; isAdministrator: boolean }>
  | Readonly<{ by: 'service'; client: ClientId }>

/** What log lines and events say about a request. */
export type RequestFacts = {
  readonly id: string
  readonly origin: Origin
  /** `null` until somebody is authenticated. */
  caller: NotedCaller | null
}

const idForm = /^[A-Za-z0-9._:+/=@-]{1,64}$/
const traceForm = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(?:-|$)/

/**
 * The id of a request: `X-Request-Id` of the caller or of a proxy, if it has a harmless form and is
 * no token; else the trace id of `traceparent`; else a new one.
 */
export const requestIdOf = (ctx: Context, entropy: Entropy): string => {
  const given = ctx.get('x-request-id')
  if (idForm.test(given) && redactText(given) === given) return given
  const trace = traceForm.exec(ctx.get('traceparent'))?.[1] ?? ''
  return /[^0]/.test(trace) ? trace : entropy.bytes(16).toString('hex')
}

/** Runs first, so that each answer has `X-Request-Id` and each log line has the same id. */
export const noteRequest =
  ({ entropy, proxyHops }: Readonly<{ entropy: Entropy; proxyHops: number }>): Middleware =>
  async (ctx, next) => {
    const id = requestIdOf(ctx, entropy)
    const facts: RequestFacts = { id, origin: requestOrigin(ctx, proxyHops), caller: null }
    ctx.state['facts'] = facts
    ctx.set('X-Request-Id', id)
    await next()
  }

export const factsOf = (ctx: Context): RequestFacts => ctx.state['facts'] as RequestFacts

/** To be called as soon as a caller is authenticated. */
export const noteCaller = (ctx: Context, caller: NotedCaller): void => {
  factsOf(ctx).caller = caller
}

/** To be called when the directory has said that the caller is an administrator. */
export const noteAdministrator = (ctx: Context): void => {
  const facts = factsOf(ctx)
  if (facts.caller?.by === 'person') facts.caller = { ...facts.caller, isAdministrator: true }
}

/** The actor for events that this request causes; the gateway itself if nobody is authenticated. */
export const actOfRequest = ({ caller, origin }: RequestFacts): Act => {
  if (caller === null) return { actor: gatewayActor, ...origin }
  if (caller.by === 'service') return { actor: { by: 'service', id: caller.client }, ...origin }
  const by = caller.isAdministrator ? 'administrator' : 'user'
  return { actor: { by, id: caller.sub }, ...origin }
}

/** The fields of the request in a log line. */
export const fieldsOfRequest = ({ id, origin, caller }: RequestFacts): LogFields => ({
  ...origin,
  request: id,
  ...(caller?.by === 'person' ? { by_session: caller.sid } : {}),
})
