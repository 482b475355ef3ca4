import { z } from 'zod'
import { json } from '../../../../shared/http/route-doc.ts'
import { AuthError } from '../../../../shared/kernel/errors.ts'
import type { ClientId } from '../../../../shared/kernel/ids.ts'
import type { Receiver, ReceiverConfig } from '../../../../shared/ports/receivers.ts'
import {
  del,
  type GatewayRoute,
  get,
  noSetKeys,
  put,
  readJsonObject,
  takingClientJson,
  toReceivers,
} from '../../http/index.ts'
import { changeReceiver, createReceiver } from '../index.ts'
import type { ReceiverRouteDeps } from './ssf-handlers.ts'
import { forReceivers } from './ssf-handlers.ts'
import { backchannelFields, checkedUrl, readAs } from './ssf-input.ts'

/** One registration for each client, as in OpenID Connect. No stream has an id of this form. */
const idOf = (client: ClientId): string => `backchannel.${client}`

/** With the member names of Back-Channel Logout 1.0, 2.2. */
const registrationOf = ({ client, config }: Receiver): object => ({
  client_id: client,
  backchannel_logout_uri: config.url,
  backchannel_logout_session_required: config.sessionRequired,
})

/** `PUT /backchannel-logout`: registers the caller, or changes what it registered. */
export const putBackchannelRoute = forReceivers(async ({ ctx, client, transmitter }) => {
  const fields = readAs(backchannelFields, await readJsonObject(ctx))
  const { receivers, allowPrivate } = transmitter
  const config: ReceiverConfig = {
    url: checkedUrl('backchannel_logout_uri', fields.backchannel_logout_uri, allowPrivate),
    authorization: null,
    audience: client,
    events: null,
    description: null,
    sessionRequired: fields.backchannel_logout_session_required ?? false,
  }
  const id = idOf(client)
  const change = () => changeReceiver(receivers, id, (stored) => ({ ...stored, config }))
  const changed = await change()
  ctx.body = registrationOf(
    changed ?? (await createReceiver(transmitter, { id, kind: 'backchannel', client, config })),
  )
})

/** `GET /backchannel-logout` */
export const readBackchannelRoute = forReceivers(async ({ ctx, client, transmitter }) => {
  const found = await transmitter.receivers.get(idOf(client))
  if (!found) throw new AuthError('NOT_FOUND', 'this client registered none')
  ctx.body = registrationOf(found)
})

/** `DELETE /backchannel-logout`. A logout token that is in flight may still arrive. */
export const deleteBackchannelRoute = forReceivers(async ({ ctx, client, transmitter }) => {
  await transmitter.receivers.remove(idOf(client))
  ctx.status = 204
})

const tag = 'Receivers'
const security = [['serviceClient']] as const
const path = '/backchannel-logout'

const registration = {
  description: 'What is registered.',
  content: json(
    z.object({
      client_id: z.string(),
      backchannel_logout_uri: z.string(),
      backchannel_logout_session_required: z.boolean(),
    }),
  ),
}

/** OpenID Connect Back-Channel Logout 1.0: logout tokens are posted to a relying party. */
export const backchannelRoutes: readonly GatewayRoute<ReceiverRouteDeps>[] = [
  put(path, putBackchannelRoute, {
    summary: 'Register where logout tokens go, or change it',
    tag,
    security,
    body: [json(backchannelFields)],
    answers: takingClientJson({ 200: registration, 501: noSetKeys }),
  }),
  get(path, readBackchannelRoute, {
    summary: 'Where your logout tokens go',
    tag,
    security,
    answers: toReceivers({ 200: registration }),
  }),
  del(path, deleteBackchannelRoute, {
    summary: 'Send no more logout tokens',
    tag,
    security,
    answers: toReceivers({ 204: { description: 'There is none now.' } }),
  }),
]
