import { z } from 'zod'
import { fields, json } from '../../../../shared/http/route-doc.ts'
import {
  type GatewayRoute,
  post,
  revoking,
  superseded,
  takingFields,
  throttled,
  token,
  unauthenticated,
} from '../../http/index.ts'
import type { SessionRouteDeps } from '../index.ts'
import {
  blacklistView,
  obtainPairView,
  obtainSlidingView,
  refreshSlidingView,
  refreshView,
  verifyView,
} from './simple-jwt-views.ts'

const tag = 'Simple-JWT views'
const security: readonly [] = []
const credentials = fields(z.object({ username: z.string(), password: z.string() }))
const oneToken = fields(z.object({ token }))
const oneRefresh = fields(z.object({ refresh: token }))
const nothing = { description: 'Done.', content: json(z.object({})) }

/**
 * Simple-JWT’s views in body mode: tokens come and go in bodies, and no cookie is read or set. A
 * slash at the end is optional: Django redirects a POST without it, which loses its body.
 */
export const simpleJwtRoutes: readonly GatewayRoute<SessionRouteDeps>[] = [
  post('/api/token{/}', obtainPairView, {
    summary: 'Log in; answers an access and a refresh token',
    tag,
    security,
    body: credentials,
    answers: takingFields({
      200: { description: 'Both.', content: json(z.object({ access: token, refresh: token })) },
      401: unauthenticated,
      429: throttled,
    }),
  }),
  post('/api/token/refresh{/}', refreshView, {
    summary: 'Refresh; answers an access token, and a refresh token where rotation is on',
    tag,
    security,
    body: oneRefresh,
    answers: takingFields({
      200: {
        description: 'The successors.',
        content: json(z.object({ access: token, refresh: token.optional() })),
      },
      401: unauthenticated,
      409: superseded,
    }),
  }),
  post('/api/token/verify{/}', verifyView, {
    summary: 'Whether a token of any kind is good',
    tag,
    security,
    body: oneToken,
    answers: takingFields({ 200: nothing, 401: unauthenticated }),
  }),
  post('/api/token/blacklist{/}', blacklistView, {
    summary: 'End the session of a refresh token',
    tag,
    security,
    body: oneRefresh,
    answers: takingFields({ 200: revoking(nothing), 401: unauthenticated }),
  }),
  post('/api/token/sliding{/}', obtainSlidingView, {
    summary: 'Log in; answers a sliding token',
    tag,
    security,
    body: credentials,
    answers: takingFields({
      200: { description: 'The token.', content: json(z.object({ token })) },
      401: unauthenticated,
      429: throttled,
    }),
  }),
  post('/api/token/sliding/refresh{/}', refreshSlidingView, {
    summary: 'Renew a sliding token: the same `jti`, a later `exp`',
    tag,
    security,
    body: oneToken,
    answers: takingFields({
      200: { description: 'The token.', content: json(z.object({ token })) },
      401: unauthenticated,
    }),
  }),
]
