import type { Context, Middleware } from 'koa'
import { type Act, gatewayActor, type Origin } from '../../../shared/events/event.ts'
import { canonicalAddress } from '../../../shared/kernel/addresses/ip-address.ts'
import type { Entropy } from '../../../shared/kernel/entropy.ts'
import type { ClientId, SessionId, SubjectId } from '../../../shared/kernel/ids.ts'
import { type LogFields, redactText } from '../../../shared/kernel/logger.ts'

/** The caller who was authenticated. */
type NotedCaller =
  | Readonly<{ by: 'person'; sub: SubjectId; sid: SessionId; isAdministrator: boolean }>
  | Readonly<{ by: 'service'; client: ClientId }>

/** What log lines and events say about a request. */
export type RequestFacts = {
  readonly id: string
  readonly origin: Origin
  /** `null` until somebody is authenticated. */
  caller: NotedCaller | null
}

/** Read from the end: what is left of that was written by the client, and may be long. */
const headerCharsMax = 2_048

/**
 * The client's address, in the canonical form that limits, sessions, events and logs use. Without
 * own proxies it is that of the connection. Behind `hops` own proxies it is the entry of
 * `X-Forwarded-For` that the outermost of them wrote; entries left of it are the client's claim. If
 * that entry is no address, it is that of the connection.
 */
export const clientAddress = (ctx: Context, hops: number): string | null => {
  const remote = ctx.req.socket.remoteAddress
  const peer = remote === undefined ? null : canonicalAddress(remote)
  if (hops === 0) return peer
  const chain = ctx.get('x-forwarded-for').slice(-headerCharsMax).split(',')
  return canonicalAddress(chain.at(-hops) ?? '') ?? peer
}

const agentMax = 256
const unprintable = /[^\x20-\x7e]/g

/** The address and user agent of a request; the only place that reads them. */
const requestOrigin = (ctx: Context, hops: number): Origin => {
  const agent = ctx.get('user-agent').replace(unprintable, '?').slice(0, agentMax)
  return { address: clientAddress(ctx, hops), agent: agent === '' ? null : agent }
}

const idForm = /^[A-Za-z0-9._:+/=@-]{1,64}$/
const traceForm = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(?:-|$)/

/**
 * The id of a request: `X-Request-Id` of the caller or of a proxy, if it has a harmless form and is
 * no token; else the trace id of `traceparent`; else a new one.
 */
const requestIdOf = (ctx: Context, entropy: Entropy): string => {
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
