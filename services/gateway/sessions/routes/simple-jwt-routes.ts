import type { Context } from 'koa'
import { z } from 'zod'
import { fields, json } from '../../../../shared/http/route-doc.ts'
import { AuthError } from '../../../../shared/kernel/errors.ts'
import { onResponseOver } from '../../../../shared/kernel/http/response-end.ts'
import {
  factsOf,
  type GatewayRoute,
  post,
  readFields,
  revoking,
  superseded,
  takingFields,
  textFields,
  throttled,
  token,
  unauthenticated,
} from '../../http/index.ts'
import { setDeliveryHeaders } from '../../revocations/index.ts'
import { requireRefreshToken } from '../../tokens/index.ts'
import { blacklistToken, openPair, openSlidingToken, type SessionRouteDeps } from '../index.ts'
import {
  loginFromRequest,
  refreshFromRequest,
  slideFromRequest,
  verifyFromRequest,
} from './commands-from-request.ts'

/**
 * Simple-JWT's views (body mode): tokens come and go in JSON bodies. No cookie is read or set, so a
 * cookie never authenticates such a request.
 */
type View = (deps: SessionRouteDeps) => (ctx: Context) => Promise<void>

/** `POST /api/token/` `{username, password}` → `{refresh, access}`. */
const obtainPairView: View = (deps) => async (ctx) => {
  const arrival = deps.context.storeClock.now()
  const body = await readFields(ctx)
  const opened = await loginFromRequest(deps, ctx, { body, arrival, opener: openPair })
  const { access, refresh } = opened.tokens
  ctx.body = { refresh: refresh.token, access: access.token }
}

/** `POST /api/token/refresh/` `{refresh}` → `{access}`, and `refresh` when it rotates. */
const refreshView: View = (deps) => async (ctx) => {
  const arrival = deps.context.storeClock.now()
  const { refresh } = textFields(await readFields(ctx), 'refresh')
  const options = { arrival, onDead: () => {} }
  const { tokens, refreshChanged } = await refreshFromRequest(deps, ctx, refresh, options)
  ctx.body = {
    access: tokens.access.token,
    ...(refreshChanged ? { refresh: tokens.refresh.token } : {}),
  }
}

/**
 * `POST /api/token/verify/` `{token}` → `{}` for a good token of any kind. One whose session ended
 * is a 400, as Simple-JWT answers for refresh tokens; here that holds for access tokens too.
 */
const verifyView: View = (deps) => async (ctx) => {
  const now = deps.context.storeClock.now()
  const { token } = textFields(await readFields(ctx), 'token')
  await verifyFromRequest(deps, token, now)
  ctx.body = {}
}

/** `POST /api/token/blacklist/` `{refresh}` → `{}`: ends the token's session. */
const blacklistView: View = (deps) => async (ctx) => {
  const arrival = deps.context.storeClock.now()
  const { refresh } = textFields(await readFields(ctx), 'refresh')
  const claims = requireRefreshToken(deps.tokens.issuer, refresh, arrival)
  const origin = factsOf(ctx).origin
  const logoutInFlight = deps.sessions.logoutsInFlight.enter([claims.sid])
  onResponseOver(ctx.res, logoutInFlight.answered)
  const result = await blacklistToken(deps, { claims, origin, arrival }, logoutInFlight)
  if (result.outcome !== 'ended') throw new AuthError('TOKEN_REVOKED', result.outcome)
  await logoutInFlight.untilQuiet()
  setDeliveryHeaders(ctx, result.delivery)
  ctx.body = {}
}

/** `POST /api/token/sliding/` `{username, password}` → `{token}`. */
const obtainSlidingView: View = (deps) => async (ctx) => {
  const arrival = deps.context.storeClock.now()
  const body = await readFields(ctx)
  const opener = openSlidingToken
  const { tokens } = await loginFromRequest(deps, ctx, { body, arrival, opener })
  ctx.body = { token: tokens.token }
}

/** `POST /api/token/sliding/refresh/` `{token}` → `{token}`. */
const refreshSlidingView: View = (deps) => async (ctx) => {
  const arrival = deps.context.storeClock.now()
  const { token } = textFields(await readFields(ctx), 'token')
  const renewed = await slideFromRequest(deps, ctx, token, { arrival, onDead: () => {} })
  ctx.body = { token: renewed.token.token }
}

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
