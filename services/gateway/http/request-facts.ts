import type { Context, Middleware } from 'koa'
import { type Act, gatewayActor, type Origin } from '../../../shared/events/event.ts'
import type { Entropy } from '../../../shared/kernel/entropy.ts'
import type { ClientId, SessionId, SubjectId } from '../../../shared/kernel/ids.ts'
import { type LogFields, redactText } from '../../../shared/kernel/logger.ts'
import { requestOrigin } from './request-origin.ts'

/** Who was authenticated, and what they were found to be. */
export type NotedCaller =
  | Readonly<{ by: 'person'; sub: SubjectId; sid: SessionId; isAdministrator: boolean }>
  | Readonly<{ by: 'service'; client: ClientId }>

/** What is known of a request, for lines of the log and for events. */
export type RequestFacts = {
  readonly id: string
  readonly origin: Origin
  /** `null` until somebody is authenticated. */
  caller: NotedCaller | null
}

const idForm = /^[A-Za-z0-9._:+/=@-]{1,64}$/
const traceForm = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(?:-|$)/

/**
 * The id that the caller, or a proxy in front, gave the request, if it has a form that cannot be
 * mistaken for anything else in a log, nor be a token; else one of our own.
 */
export const requestIdOf = (ctx: Context, entropy: Entropy): string => {
  const given = ctx.get('x-request-id')
  if (idForm.test(given) && redactText(given) === given) return given
  const trace = traceForm.exec(ctx.get('traceparent'))?.[1] ?? ''
  return /[^0]/.test(trace) ? trace : entropy.bytes(16).toString('hex')
}

/** Before everything else: each answer says `X-Request-Id`, and so does each line of the log. */
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

/** Called by whatever authenticates, as soon as it did. */
export const noteCaller = (ctx: Context, caller: NotedCaller): void => {
  factsOf(ctx).caller = caller
}

/** Called where the directory says that the caller is an administrator. */
export const noteAdministrator = (ctx: Context): void => {
  const facts = factsOf(ctx)
  if (facts.caller?.by === 'person') facts.caller = { ...facts.caller, isAdministrator: true }
}

/** On whose word this request acts. */
export const actOfRequest = ({ caller, origin }: RequestFacts): Act => {
  if (caller === null) return { actor: gatewayActor, ...origin }
  if (caller.by === 'service') return { actor: { by: 'service', id: caller.client }, ...origin }
  const by = caller.isAdministrator ? 'administrator' : 'user'
  return { actor: { by, id: caller.sub }, ...origin }
}

/** What a line says of the request. */
export const fieldsOfRequest = ({ id, origin, caller }: RequestFacts): LogFields => ({
  ...origin,
  request: id,
  ...(caller?.by === 'person' ? { by_session: caller.sid } : {}),
})
