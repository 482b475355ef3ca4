import type { RouterContext } from '@koa/router'
import type { Context } from 'koa'
import { z } from 'zod'
import { json, type ParameterDoc } from '../../../../shared/http/route-doc.ts'
import { onResponseOver } from '../../../../shared/kernel/http/response-end.ts'
import {
  answering,
  del,
  type GatewayRoute,
  get,
  noSetKeys,
  patch,
  post,
  put,
  readJsonObject,
  takingClientJson,
  toReceivers,
} from '../../http/index.ts'
import { setsMax } from '../index.ts'
import {
  addSubjectRoute,
  createStreamRoute,
  deleteStreamRoute,
  forReceivers,
  ownStream,
  patchStreamRoute,
  putStreamRoute,
  readStatusRoute,
  readStreamsRoute,
  removeSubjectRoute,
  setStatusRoute,
  verifyStreamRoute,
} from './ssf-handlers.ts'
import {
  changeFields,
  createFields,
  namedStream,
  pollFields,
  readAs,
  statusFields,
  subjectFields,
  verificationFields,
} from './ssf-input.ts'
import { type SsfRouteDeps, ssfMetadataRoute } from './ssf-metadata.ts'

/** @throws Refusal 400 */
const streamIn = (ctx: Context): string => {
  const { stream } = (ctx as RouterContext).params
  return readAs(namedStream, new Map([['stream_id', stream]])).stream_id
}

/** The member `err` (RFC 8935, 2.4), one of a few words; anything longer or odd is not logged. */
const errOf = (err: string): string => (/^[A-Za-z_]{1,40}$/.test(err) ? err : 'no err')

/** `POST /ssf/poll/:stream` (RFC 8936). */
const pollRoute = forReceivers(async (call) => {
  const { ctx, polls } = call
  const requestOver = new AbortController()
  // Before the first `await`: the response may be closed during it, and then says so no more.
  onResponseOver(ctx.res, () => requestOver.abort())
  const id = streamIn(ctx)
  const fields = readAs(pollFields, await readJsonObject(ctx))
  await ownStream(call, id)
  ctx.body = await polls.poll(
    id,
    {
      max: Math.min(fields.maxEvents ?? setsMax, setsMax),
      returnImmediately: fields.returnImmediately ?? false,
      acked: fields.ack ?? [],
      refused: new Map(
        Object.entries(fields.setErrs ?? {}).map(([jti, { err }]) => [jti, errOf(err)]),
      ),
    },
    requestOver.signal,
  )
})

const tag = 'Receivers'
const security = [['serviceClient']] as const

const stream = z.object({
  stream_id: z.string(),
  iss: z.string(),
  aud: z.string(),
  events_supported: z.array(z.string()),
  events_requested: z.array(z.string()),
  events_delivered: z.array(z.string()),
  delivery: z.object({ method: z.string(), endpoint_url: z.string() }),
  min_verification_interval: z.int(),
  description: z.string().optional(),
})
const status = z.object({
  stream_id: z.string(),
  status: z.enum(['enabled', 'paused', 'disabled']),
  reason: z.string().optional(),
})
const configuration = z.object({
  spec_version: z.literal('1_0'),
  issuer: z.string(),
  jwks_uri: z.string(),
  delivery_methods_supported: z.array(z.string()),
  configuration_endpoint: z.string(),
  status_endpoint: z.string(),
  add_subject_endpoint: z.string(),
  remove_subject_endpoint: z.string(),
  verification_endpoint: z.string(),
  authorization_schemes: z.array(z.object({ spec_urn: z.string() })),
  default_subjects: z.enum(['ALL', 'NONE']),
})
const queried: ParameterDoc = {
  in: 'query',
  name: 'stream_id',
  description: 'Which stream.',
  required: true,
  schema: z.string(),
}
const tooManySubjects = {
  description: '`invalid_request`: the stream has 256 subjects of its own.',
  content: json(z.object({ error: z.string(), error_description: z.string() })),
}
const theStream = { description: 'The stream.', content: json(stream) }
const theStatus = { description: 'How it stands.', content: json(status) }

/** OpenID Shared Signals Framework 1.0: streams of security events for receivers. */
export const ssfRoutes: readonly GatewayRoute<SsfRouteDeps>[] = [
  get('/.well-known/ssf-configuration', ssfMetadataRoute, {
    summary: 'Where receivers register (SSF 1.0, 7)',
    description:
      'Stands at the root of the host, whatever the base path, with the path of the issuer ' +
      'behind it; and below the base path.',
    tag,
    security: [],
    answers: answering({
      200: {
        description: 'The configuration.',
        content: json(configuration),
        headers: { 'Cache-Control': 'How long a copy is good.', ETag: 'For `If-None-Match`.' },
      },
      304: { description: 'The copy that `If-None-Match` names is the current one.' },
    }),
  }),
  post('/ssf/streams', createStreamRoute, {
    summary: 'A stream of security events: sent to you (RFC 8935), or fetched (RFC 8936)',
    description: 'Without `delivery` it is fetched.',
    tag,
    security,
    body: [json(createFields)],
    answers: takingClientJson({ 201: theStream, 501: noSetKeys }),
  }),
  get('/ssf/streams', readStreamsRoute, {
    summary: 'Your streams, or the one that `stream_id` names',
    tag,
    security,
    parameters: [{ ...queried, required: false }],
    answers: toReceivers({
      200: { description: 'One, or a list.', content: json(z.union([stream, z.array(stream)])) },
    }),
  }),
  patch('/ssf/streams', patchStreamRoute, {
    summary: 'Change a stream; what is absent stays',
    tag,
    security,
    body: [json(changeFields)],
    answers: takingClientJson({ 200: theStream }),
  }),
  put('/ssf/streams', putStreamRoute, {
    summary: 'Change a stream; what is absent is as in a new one',
    tag,
    security,
    body: [json(changeFields)],
    answers: takingClientJson({ 200: theStream }),
  }),
  del('/ssf/streams', deleteStreamRoute, {
    summary: 'End a stream',
    tag,
    security,
    parameters: [queried],
    answers: toReceivers({ 204: { description: 'It is gone.' } }),
  }),
  get('/ssf/status', readStatusRoute, {
    summary: 'Whether a stream is enabled, paused or disabled',
    tag,
    security,
    parameters: [queried],
    answers: toReceivers({ 200: theStatus }),
  }),
  post('/ssf/status', setStatusRoute, {
    summary: 'Enable, pause or disable a stream',
    description: 'A paused stream is held; what a disabled one misses it never hears.',
    tag,
    security,
    body: [json(statusFields)],
    answers: takingClientJson({ 200: theStatus }),
  }),
  post('/ssf/poll/:stream', pollRoute, {
    summary: 'Fetch security events, and say which arrived (RFC 8936)',
    description:
      'Waits up to 20 s for one, unless `returnImmediately`; a newer poll of the stream ends the ' +
      'wait. `ack` and `setErrs` settle what came before; all else comes again. At most 100 ' +
      'SETs an answer.',
    tag,
    security,
    parameters: [{ ...queried, in: 'path', name: 'stream' }],
    body: [json(pollFields)],
    answers: takingClientJson({
      200: {
        description: 'SETs by their `jti`, the oldest first.',
        content: json(
          z.object({ sets: z.record(z.string(), z.string()), moreAvailable: z.boolean() }),
        ),
      },
    }),
  }),
  post('/ssf/subjects/add', addSubjectRoute, {
    summary: 'Be told of a person or a session',
    description: 'What `default_subjects` says holds for everybody else.',
    tag,
    security,
    body: [json(subjectFields)],
    answers: takingClientJson({
      200: { description: 'Added.' },
      409: tooManySubjects,
    }),
  }),
  post('/ssf/subjects/remove', removeSubjectRoute, {
    summary: 'Be told of a person or a session no more',
    description: 'What ends for everybody is told still.',
    tag,
    security,
    body: [json(subjectFields)],
    answers: takingClientJson({ 204: { description: 'Removed.' }, 409: tooManySubjects }),
  }),
  post('/ssf/verify', verifyStreamRoute, {
    summary: 'Send a verification event through the stream',
    tag,
    security,
    body: [json(verificationFields)],
    answers: takingClientJson({
      204: { description: 'It is on its way.' },
      429: {
        description: '`slow_down`: not more often than `min_verification_interval`.',
        content: json(z.object({ error: z.string(), error_description: z.string() })),
        headers: { 'Retry-After': 'Seconds after which the same request may succeed.' },
      },
    }),
  }),
]
