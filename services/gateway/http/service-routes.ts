import { z } from 'zod'
import { form, json } from '../../../shared/http/route-doc.ts'
import { takingForm, token } from './answer-docs.ts'
import { type GatewayRoute, post } from './gateway-route.ts'
import { introspectRoute } from './introspect.ts'

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
    sid: z.string().optional(),
  }),
])

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
]
