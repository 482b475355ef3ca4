import type { Context } from 'koa'
import { AuthError } from '../../../../shared/kernel/errors.ts'
import type { ClientId } from '../../../../shared/kernel/ids.ts'
import type { Receiver } from '../../../../shared/ports/receivers.ts'
import { type HttpDeps, Refusal, readJsonObject, withOAuthErrors } from '../../http/index.ts'
import {
  changeReceiver,
  createReceiver,
  endOfLog,
  type PollDelivery,
  pollUrlOf,
  type Ssf,
  statusOf,
  streamOf,
  type TransmitterDeps,
  withConfig,
  withRule,
  withStatus,
  withVerification,
} from '../index.ts'
import {
  changeFields,
  createFields,
  freshConfig,
  mergedSettings,
  namedStream,
  readAs,
  statusFields,
  subjectFields,
  subjectOf,
  verificationFields,
} from './ssf-input.ts'

type Call = Readonly<{
  ctx: Context
  client: ClientId
  transmitter: TransmitterDeps
  polls: PollDelivery
}>

export type ReceiverRouteDeps = Readonly<{ http: Pick<HttpDeps, 'clients'>; ssf: Ssf }>

/** A route for service clients with the permission `receive`. */
export const forReceivers =
  (route: (call: Call) => Promise<void>) =>
  ({ http: { clients }, ssf: { transmitter, polls } }: ReceiverRouteDeps) =>
    withOAuthErrors((ctx) => {
      const client = clients.authenticate(ctx, 'receive').id
      return route({ ctx, client, transmitter, polls })
    })

const noStream = (): AuthError => new AuthError('NOT_FOUND', 'there is no such stream of yours')

const isStreamOf =
  (client: ClientId) =>
  (receiver: Receiver): boolean =>
    receiver.client === client && receiver.kind !== 'backchannel'

/** The caller's stream; another client's counts as absent. @throws AuthError NOT_FOUND */
export const ownStream = async (
  { client, transmitter }: Pick<Call, 'client' | 'transmitter'>,
  id: string,
): Promise<Receiver> => {
  const found = await transmitter.receivers.get(id)
  if (found && isStreamOf(client)(found)) return found
  throw noStream()
}

/** @throws AuthError NOT_FOUND */
export const changeStream = async (
  call: Call,
  id: string,
  changed: (stored: Receiver) => Receiver | null,
): Promise<Receiver> => {
  await ownStream(call, id)
  const stored = await changeReceiver(call.transmitter.receivers, id, changed)
  if (stored) return stored
  throw noStream()
}

/** The `stream_id` of the query, or `null`. @throws Refusal 400 */
const queriedId = ({ ctx }: Call): string | null => {
  const { stream_id } = ctx.query
  return stream_id === undefined
    ? null
    : readAs(namedStream, new Map([['stream_id', stream_id]])).stream_id
}

/** SSF 1.0, 8.1.1: without `delivery`, a stream is polled. */
const newStreamSettings = (client: ClientId) =>
  ({ kind: 'ssf-poll', config: freshConfig(client) }) as const

/** `POST /ssf/streams` (SSF 1.0, 8.1.1.1). */
export const createStreamRoute = forReceivers(async ({ ctx, client, transmitter }) => {
  const fields = readAs(createFields, await readJsonObject(ctx))
  const { allowPrivate, entropy } = transmitter
  const settings = mergedSettings(fields, newStreamSettings(client), {
    pollUrl: null,
    allowPrivate,
  })
  const id = entropy.bytes(16).toString('hex')
  const created = await createReceiver(transmitter, { id, client, ...settings })
  ctx.status = 201
  ctx.body = streamOf(created, transmitter)
})

/** `GET /ssf/streams`: one with `stream_id`, else the list (8.1.1.2). */
export const readStreamsRoute = forReceivers(async (call) => {
  const { ctx, client, transmitter } = call
  const { receivers } = transmitter
  const id = queriedId(call)
  if (id !== null) ctx.body = streamOf(await ownStream(call, id), transmitter)
  else {
    const own = (await receivers.list()).filter(isStreamOf(client))
    ctx.body = own.map((receiver) => streamOf(receiver, transmitter))
  }
})

type Settings = ReturnType<typeof mergedSettings>

const changeStreamRoute = (before: (stored: Receiver, client: ClientId) => Settings) =>
  forReceivers(async (call) => {
    const { ctx, client, transmitter } = call
    const fields = readAs(changeFields, await readJsonObject(ctx))
    const { allowPrivate, baseUrl } = transmitter
    const pollUrl = pollUrlOf(baseUrl, fields.stream_id)
    const changed = await changeStream(call, fields.stream_id, (stored) =>
      withConfig(stored, mergedSettings(fields, before(stored, client), { pollUrl, allowPrivate })),
    )
    ctx.body = streamOf(changed, transmitter)
  })

/** `PATCH /ssf/streams` (8.1.1.3): what is absent stays. */
export const patchStreamRoute = changeStreamRoute(({ kind, config }) => ({
  kind: kind === 'ssf-push' ? kind : 'ssf-poll',
  config,
}))

/** `PUT /ssf/streams` (8.1.1.4): what is absent is as in a new stream. */
export const putStreamRoute = changeStreamRoute((_, client) => newStreamSettings(client))

/** `DELETE /ssf/streams?stream_id=…` (8.1.1.5). */
export const deleteStreamRoute = forReceivers(async (call) => {
  const id = queriedId(call)
  if (id === null) throw noStream()
  await ownStream(call, id)
  await call.transmitter.receivers.remove(id)
  call.ctx.status = 204
})

/** `GET /ssf/status?stream_id=…` (8.1.2.1). */
export const readStatusRoute = forReceivers(async (call) => {
  const id = queriedId(call)
  if (id === null) throw noStream()
  call.ctx.body = statusOf(await ownStream(call, id))
})

/** `POST /ssf/status` (8.1.2.2). */
export const setStatusRoute = forReceivers(async (call) => {
  const { ctx, transmitter } = call
  const fields = readAs(statusFields, await readJsonObject(ctx))
  const { entropy, storeClock, log } = transmitter
  const id = entropy.bytes(16).toString('hex')
  const end = await endOfLog(log)
  const status = { state: fields.status, reason: fields.reason ?? null }
  const changed = await changeStream(call, fields.stream_id, (stored) =>
    withStatus(stored, status, { id, at: storeClock.now(), end }),
  )
  ctx.body = statusOf(changed)
})

/** `POST /ssf/verify` (8.1.4.2): a verification event comes through the stream. */
export const verifyStreamRoute = forReceivers(async (call) => {
  const { ctx, transmitter } = call
  const fields = readAs(verificationFields, await readJsonObject(ctx))
  const { entropy, storeClock } = transmitter
  const id = entropy.bytes(16).toString('hex')
  const stored = await changeStream(call, fields.stream_id, (receiver) =>
    withVerification(receiver, { id, at: storeClock.now(), state: fields.state ?? null }),
  )
  if (!stored.control.some((event) => event.id === id)) {
    ctx.set('Retry-After', '30')
    throw new Refusal(429, { error: 'slow_down', error_description: 'verified less than 30 s ago' })
  }
  ctx.status = 204
})

/** @throws AuthError SUBJECTS_FULL */
const subjectRoute = (isAdded: boolean) =>
  forReceivers(async (call) => {
    const { ctx, transmitter } = call
    const fields = readAs(subjectFields, await readJsonObject(ctx))
    const rule = { ...subjectOf(fields.subject, transmitter.issuer), told: isAdded }
    await changeStream(call, fields.stream_id, (stored) => {
      const subjects = withRule(stored.subjects, rule)
      if (subjects !== 'full') return { ...stored, subjects }
      throw new AuthError('SUBJECTS_FULL', 'a stream has no more than 256 subjects of its own')
    })
    ctx.status = isAdded ? 200 : 204
    if (!isAdded) return
    // SSF 1.0 wants a 200 without content, and Koa sets a type with every body.
    ctx.body = ''
    ctx.remove('Content-Type')
  })

/** `POST /ssf/subjects/add` (SSF 1.0, 8.1.3.2). */
export const addSubjectRoute = subjectRoute(true)

/** `POST /ssf/subjects/remove` (8.1.3.3). */
export const removeSubjectRoute = subjectRoute(false)
