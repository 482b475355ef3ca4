import { z } from 'zod'
import { form, json } from '../../../../shared/http/route-doc.ts'
import {
  knownHeader,
  oauth,
  positionParameter,
  revoking,
  takingForm,
  token,
  toReceivers,
} from '../../http/answer-docs.ts'
import { type GatewayRoute, post } from '../../http/gateway-route.ts'
import { introspectRoute } from '../../tokens/routes/introspect.ts'
import { globalRevocationFields, globalRevocationRoute } from './global-revocation.ts'
import { revokeRoute } from './revoke.ts'

const tag = 'Services'
const security = [['serviceClient']] as const

const seconds = z.int().optional()
const introspection = z.union([
  z.object({ active: z.literal(false) }),
  // Open: the user-id claim has the name that the settings give it.
  z.looseObject({
    active: z.literal(true),
    token_type: z.literal('Bearer').optional(),
    kind: z.enum(['access', 'sliding', 'refresh']),
    sub: z.string(),
    client_id: z.string(),
    username: z.string().optional(),
    scope: z.string().optional(),
    iat: z.int(),
    exp: z.int(),
    nbf: seconds,
    jti: z.string(),
    iss: z.string(),
    aud: z.union([z.string(), z.array(z.string())]).optional(),
    sid: z.string().optional(),
    auth_time: seconds,
    roles: z.array(z.string()).optional(),
  }),
])

/** RFC 7009 and RFC 7662 name the parameters; `end` is ours. */
const tokenForm = z.object({
  token,
  token_type_hint: z.string().optional(),
})
const revocationForm = tokenForm.extend({ end: z.enum(['token', 'session']).optional() })

/** For services with credentials of their own (`CURFEW_SERVICE_CLIENTS`). */
export const serviceRoutes: readonly GatewayRoute[] = [
  post('/introspect', introspectRoute, {
    summary: 'Whether a token is active (RFC 7662), asked of the event store',
    tag,
    security,
    parameters: [positionParameter],
    body: [form(tokenForm)],
    answers: takingForm({
      200: { description: 'The answer.', content: json(introspection), headers: knownHeader },
    }),
  }),
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
