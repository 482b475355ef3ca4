import { z } from 'zod'
import { form, json } from '../../../shared/http/route-doc.ts'
import { notFound, revoking, takingFields, takingForm, toClients, token } from './answer-docs.ts'
import { type GatewayRoute, post } from './gateway-route.ts'
import { introspectRoute } from './introspect.ts'
import { revocationsRoute } from './revocations.ts'

const tag = 'Services'
const security = [['serviceClient']] as const

const introspection = z.union([
  z.object({ active: z.literal(false) }),
  z.object({
    active: z.literal(true),
    token_type: z.string(),
    sub: z.string(),
    client_id: z.string(),
    iat: z.int(),
    exp: z.int(),
    jti: z.string(),
    iss: z.string(),
    aud: z.union([z.string(), z.array(z.string())]).optional(),
    sid: z.string(),
  }),
])

const scope = z.enum(['token', 'session', 'subject', 'client', 'all'])
const delivery = z.object({
  status: z.enum(['acknowledged', 'pending']),
  position: z.string().nullable(),
})

/** For services with credentials of their own (`CURFEW_SERVICE_CLIENTS`). */
export const serviceRoutes: readonly GatewayRoute[] = [
  post('/introspect', introspectRoute, {
    summary: 'Whether a token is active (RFC 7662), asked of the event store',
    tag,
    security,
    body: [form(z.object({ token }))],
    answers: takingForm({
      200: { description: 'The answer.', content: json(introspection) },
    }),
  }),
  post('/revocations', revocationsRoute, {
    summary: 'End a token, a session, a user’s sessions, a client’s, or everyone’s',
    tag,
    security,
    body: [json(z.object({ scope, id: z.string().optional() }))],
    answers: takingFields(
      toClients({
        200: revoking({ description: 'Ended.', content: json(delivery) }),
        404: notFound,
      }),
    ),
  }),
]
