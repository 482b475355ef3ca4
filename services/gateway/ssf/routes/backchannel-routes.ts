import { z } from 'zod'
import { json } from '../../../../shared/http/route-doc.ts'
import {
  del,
  type GatewayRoute,
  get,
  noSetKeys,
  put,
  takingClientJson,
  toReceivers,
} from '../../http/index.ts'
import { deleteBackchannelRoute, putBackchannelRoute, readBackchannelRoute } from './backchannel.ts'
import { backchannelFields } from './ssf-input.ts'
import type { ReceiverRouteDeps } from './ssf-streams.ts'

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
