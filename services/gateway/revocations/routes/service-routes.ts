import { z } from 'zod'
import { form, json } from '../../../../shared/http/route-doc.ts'
import {
  type GatewayRoute,
  oauth,
  post,
  revoking,
  takingForm,
  token,
  toReceivers,
} from '../../http/index.ts'
import { globalRevocationFields, globalRevocationRoute } from './global-revocation.ts'
import type { RevocationRouteDeps } from './revocation-target.ts'
import { revokeRoute } from './revoke.ts'

const tag = 'Services'
const security = [['serviceClient']] as const

/** RFC 7009, 2.1 names the parameters; `end` is ours. */
const revocationForm = z.object({
  token,
  token_type_hint: z.string().optional(),
  end: z.enum(['token', 'session']).optional(),
})

/** Revocation for services with credentials of their own (`CURFEW_SERVICE_CLIENTS`). */
export const serviceRoutes: readonly GatewayRoute<RevocationRouteDeps>[] = [
  post('/revoke', revokeRoute, {
    summary: 'End a token (RFC 7009), or with `end=session` its session',
    description:
      'A refresh or sliding token ends its session. 200 also for what is unknown, expired or ' +
      'dead already. A client without the permission `revoke` ends only what was issued to it.',
    tag,
    security,
    body: [form(revocationForm)],
    answers: takingForm({
      200: revoking({ description: 'It is dead.' }),
    }),
  }),
  post('/global-token-revocation', globalRevocationRoute, {
    summary: 'End all of a user (draft-parecki-oauth-global-token-revocation)',
    description:
      'For an identity provider’s universal logout. `sub_id` is of RFC 9493: `opaque` (the ' +
      '`sub`), `iss_sub`, `email` (a name that logs in), or `aliases` of these. The client ' +
      'needs the permission `revoke`.',
    tag,
    security,
    body: [json(globalRevocationFields)],
    answers: toReceivers({
      204: revoking({ description: 'Every session of the user is dead.' }),
      400: oauth('`invalid_request`: `sub_id` is missing or of the wrong form.'),
      404: oauth('`invalid_request`: there is no such user.'),
      413: oauth('`invalid_request`: the body is larger than 16 KiB.'),
      415: oauth('`invalid_request`: the body is no JSON.'),
    }),
  }),
]
