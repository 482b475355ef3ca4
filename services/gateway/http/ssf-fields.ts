import { z } from 'zod'
import type { ReceiverConfig } from '../../../shared/ports/receivers.ts'
import { urlProblem } from '../ssf/public-address.ts'
import { pushMethod } from '../ssf/stream.ts'
import { Refusal } from './errors.ts'

const streamId = z.string().regex(/^[0-9a-f]{32}$/)
export const namedStream = z.object({ stream_id: streamId })
const delivery = z.object({
  method: z.literal(pushMethod),
  endpoint_url: z.string().max(2_048),
  authorization_header: z
    .string()
    .regex(/^[\x20-\x7e]{1,4096}$/)
    .optional(),
})
const changes = z.object({
  delivery: delivery.optional(),
  events_requested: z.array(z.string().max(256)).max(64).optional(),
  description: z.string().max(256).optional(),
})
export const createFields = changes.extend({ delivery })
export const patchFields = changes.extend({ stream_id: streamId })
export const putFields = createFields.extend({ stream_id: streamId })
const state = z.enum(['enabled', 'paused', 'disabled'])
export const statusFields = z.object({
  stream_id: streamId,
  status: state,
  reason: z.string().max(256).optional(),
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

/** What a schema reads from a body. @throws Refusal 400 that names the member at fault. */
export const readAs = <T>(schema: z.ZodType<T>, body: ReadonlyMap<string, unknown>): T => {
  const parsed = schema.safeParse(Object.fromEntries(body))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw badRequest(`${issue?.path.join('.')}: ${issue?.message}`)
}

/** @throws Refusal 400 when a receiver must not be called there. */
export const checkedUrl = (member: string, url: string, allowPrivate: boolean): string => {
  const problem = urlProblem(url, allowPrivate)
  if (problem === null) return url
  throw badRequest(`${member}: it ${problem}`)
}

/** `given` over `before`. A new address takes no credential of the old one along. */
export const configOf = (
  { delivery: to, events_requested: events, description }: z.output<typeof changes>,
  before: ReceiverConfig,
  allowPrivate: boolean,
): ReceiverConfig => ({
  ...before,
  ...(to
    ? {
        url: checkedUrl('delivery.endpoint_url', to.endpoint_url, allowPrivate),
        authorization: to.authorization_header ?? null,
      }
    : {}),
  ...(events ? { events } : {}),
  ...(description === undefined ? {} : { description }),
})
