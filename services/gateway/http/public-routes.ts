import { z } from 'zod'
import { answering } from './answer-docs.ts'
import { type GatewayRoute, get } from './gateway-route.ts'
import { jwksRoute } from './jwks.ts'

const tag = 'Metadata'
const jwk = z.looseObject({
  kty: z.string(),
  kid: z.string(),
  alg: z.string(),
  use: z.literal('sig'),
})

/** What anybody may read. */
export const publicRoutes: readonly GatewayRoute[] = [
  get('/.well-known/jwks.json', jwksRoute, {
    summary: 'The public keys (RFC 7517); `kid` is the RFC 7638 thumbprint',
    tag,
    security: [],
    answers: answering({
      200: {
        description: 'Active, next, and not yet dead retired keys.',
        content: {
          type: 'application/jwk-set+json',
          schema: z.object({ keys: z.array(jwk) }),
        },
        headers: { 'Cache-Control': 'How long a copy is good.' },
      },
    }),
  }),
]
