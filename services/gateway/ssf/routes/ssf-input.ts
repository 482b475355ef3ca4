import { z } from 'zod'
import type { ClientId } from '../../../../shared/kernel/ids.ts'
import { readBySchema } from '../../../../shared/kernel/schema-fault.ts'
import type { ReceiverConfig, Subject } from '../../../../shared/ports/receivers.ts'
import { Refusal } from '../../http/index.ts'
import { pollMethod, pushMethod, type StreamKind, urlProblem } from '../index.ts'

const streamId = z
  .string()
  .regex(/^[0-9a-f]{32}$/, { error: 'must be 32 lower-case hexadecimal digits' })
export const namedStream = z.object({ stream_id: streamId })
const delivery = z.discriminatedUnion('method', [
  z.object({
    method: z.literal(pushMethod),
    endpoint_url: z.string().max(2_048),
    authorization_header: z
      .string()
      .regex(/^[\x20-\x7e]{1,4096}$/, { error: 'must be 1 to 4096 printable ASCII characters' })
      .optional(),
  }),
  z.object({ method: z.literal(pollMethod), endpoint_url: z.string().max(2_048).optional() }),
])
export const createFields = z.object({
  delivery: delivery.optional(),
  events_requested: z.array(z.string().max(256)).max(64).optional(),
  description: z.string().max(256).optional(),
})
export const changeFields = createFields.extend({ stream_id: streamId })
const jti = z.string().max(128)
/** RFC 8936, 2.2. */
export const pollFields = z.object({
  maxEvents: z.int().min(0).optional(),
  returnImmediately: z.boolean().optional(),
  ack: z.array(jti).max(1_000).optional(),
  setErrs: z
    .record(jti, z.object({ err: z.string().max(256), description: z.string().optional() }))
    .optional(),
})
const state = z.enum(['enabled', 'paused', 'disabled'])
export const statusFields = z.object({
  stream_id: streamId,
  status: state,
  reason: z.string().max(256).optional(),
})
const issSub = z.object({
  format: z.literal('iss_sub'),
  iss: z.string().max(2_048),
  sub: z.string().min(1).max(256),
})
const opaque = z.object({ format: z.literal('opaque'), id: z.string().min(1).max(256) })
/** The subject formats (RFC 9493; SSF 1.0, 3.2) that SETs from here have. */
const subject = z.discriminatedUnion('format', [
  issSub,
  opaque,
  // Strict: to ignore a member would make it another subject.
  z.strictObject({
    format: z.literal('complex'),
    user: issSub.optional(),
    session: opaque.optional(),
  }),
])
export const subjectFields = z.object({
  stream_id: streamId,
  subject,
  verified: z.boolean().optional(),
})
export const verificationFields = z.object({
  stream_id: streamId,
  state: z.string().max(1_024).optional(),
})
export const backchannelFields = z.object({
  backchannel_logout_uri: z.string().max(2_048),
  backchannel_logout_session_required: z.boolean().optional(),
})

const badRequest = (description: string): Refusal =>
  new Refusal(400, {
    error: 'invalid_request',
    error_description: description.replace(/[^\x20-\x7e]|["\\]/g, '?').slice(0, 200),
  })

/** Reads a body by a schema. @throws Refusal 400 that names the member at fault. */
export const readAs = <T>(schema: z.ZodType<T>, body: ReadonlyMap<string, unknown>): T => {
  const reading = readBySchema(schema, Object.fromEntries(body))
  if (reading.ok) return reading.value
  const { path, problem } = reading.fault
  throw badRequest(`${path.join('.')}: ${problem}`)
}

/** The address, if a receiver may have it. @throws Refusal 400 */
export const checkedUrl = (member: string, url: string, allowPrivate: boolean): string => {
  const problem = urlProblem(url, allowPrivate)
  if (problem === null) return url
  throw badRequest(`${member}: it ${problem}`)
}

/** The configuration of a stream whose owner set nothing. */
export const freshConfig = (client: ClientId): ReceiverConfig => ({
  url: null,
  authorization: null,
  audience: client,
  events: null,
  description: null,
  sessionRequired: false,
})

type Delivery = z.output<typeof delivery>
type DeliverySettings = Pick<ReceiverConfig, 'url' | 'authorization'> &
  Readonly<{ kind: StreamKind }>

/** @throws Refusal 400 */
const deliveryOf = (
  to: Delivery,
  pollUrl: string | null,
  allowPrivate: boolean,
): DeliverySettings => {
  if (to.method === pushMethod) {
    // A credential is for one address: a new address without one gets none.
    const authorization = to.authorization_header ?? null
    const url = checkedUrl('delivery.endpoint_url', to.endpoint_url, allowPrivate)
    return { kind: 'ssf-push', url, authorization }
  }
  if (to.endpoint_url !== undefined && to.endpoint_url !== pollUrl) {
    throw badRequest('delivery.endpoint_url: where a stream is polled is said by this side')
  }
  return { kind: 'ssf-poll', url: null, authorization: null }
}

type Settings = Readonly<{ kind: StreamKind; config: ReceiverConfig }>

/**
 * The settings `before`, changed by the members that the request has. `pollUrl` is where the stream
 * is polled; `null` for a stream that does not exist yet. @throws Refusal 400
 */
export const mergedSettings = (
  { delivery: to, events_requested: events, description }: z.output<typeof createFields>,
  before: Settings,
  { pollUrl, allowPrivate }: Readonly<{ pollUrl: string | null; allowPrivate: boolean }>,
): Settings => {
  const { kind, ...delivered } = to ? deliveryOf(to, pollUrl, allowPrivate) : { kind: before.kind }
  return {
    kind,
    config: {
      ...before.config,
      ...delivered,
      ...(events ? { events } : {}),
      ...(description === undefined ? {} : { description }),
    },
  }
}

/** @throws Refusal 400 if it names no user and no session, or a user of another issuer. */
export const subjectOf = (given: z.output<typeof subject>, issuer: string): Subject => {
  const members = given.format === 'complex' ? given : { user: given, session: given }
  const user = members.user?.format === 'iss_sub' ? members.user : null
  const session = members.session?.format === 'opaque' ? members.session : null
  if (user === null && session === null) throw badRequest('subject: it names nobody')
  if (user !== null && user.iss !== issuer) throw badRequest('subject: of another issuer')
  return { user: user?.sub ?? null, session: session?.id ?? null }
}
