import { AuthError } from '../../../../shared/kernel/errors.ts'
import type { ClientId } from '../../../../shared/kernel/ids.ts'
import type { Receiver, ReceiverConfig } from '../../../../shared/ports/receivers.ts'
import { readJsonObject } from '../../http/index.ts'
import { changeReceiver, createReceiver } from '../index.ts'
import { backchannelFields, checkedUrl, readAs } from './ssf-input.ts'
import { forReceivers } from './ssf-streams.ts'

/** One for each client, as OpenID Connect registers it: no stream has such an id. */
const idOf = (client: ClientId): string => `backchannel.${client}`

/** In the words of Back-Channel Logout 1.0, 2.2. */
const shown = ({ client, config }: Receiver): object => ({
  client_id: client,
  backchannel_logout_uri: config.url,
  backchannel_logout_session_required: config.sessionRequired,
})

/** `PUT /backchannel-logout`: registers the caller, or changes what it registered. */
export const putBackchannelRoute = forReceivers(async ({ ctx, client, transmitter }) => {
  const wanted = readAs(backchannelFields, await readJsonObject(ctx))
  const { receivers, allowPrivate } = transmitter
  const config: ReceiverConfig = {
    url: checkedUrl('backchannel_logout_uri', wanted.backchannel_logout_uri, allowPrivate),
    authorization: null,
    audience: client,
    events: null,
    description: null,
    sessionRequired: wanted.backchannel_logout_session_required ?? false,
  }
  const id = idOf(client)
  const change = () => changeReceiver(receivers, id, (stored) => ({ ...stored, config }))
  const changed = await change()
  ctx.body = shown(
    changed ?? (await createReceiver(transmitter, { id, kind: 'backchannel', client, config })),
  )
})

/** `GET /backchannel-logout` */
export const readBackchannelRoute = forReceivers(async ({ ctx, client, transmitter }) => {
  const found = await transmitter.receivers.get(idOf(client))
  if (!found) throw new AuthError('NOT_FOUND', 'this client registered none')
  ctx.body = shown(found)
})

/** `DELETE /backchannel-logout`: what is on its way may still arrive. */
export const deleteBackchannelRoute = forReceivers(async ({ ctx, client, transmitter }) => {
  await transmitter.receivers.remove(idOf(client))
  ctx.status = 204
})
