import type { Context } from 'koa'
import { AuthError } from '../../../../shared/kernel/errors.ts'
import { onResponseOver } from '../../../../shared/kernel/http/response-end.ts'
import { factsOf, readFields, textFields } from '../../http/index.ts'
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
export const obtainPairView: View = (deps) => async (ctx) => {
  const arrival = deps.context.storeClock.now()
  const body = await readFields(ctx)
  const opened = await loginFromRequest(deps, ctx, { body, arrival, opener: openPair })
  const { access, refresh } = opened.tokens
  ctx.body = { refresh: refresh.token, access: access.token }
}

/** `POST /api/token/refresh/` `{refresh}` → `{access}`, and `refresh` when it rotates. */
export const refreshView: View = (deps) => async (ctx) => {
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
export const verifyView: View = (deps) => async (ctx) => {
  const now = deps.context.storeClock.now()
  const { token } = textFields(await readFields(ctx), 'token')
  await verifyFromRequest(deps, token, now)
  ctx.body = {}
}

/** `POST /api/token/blacklist/` `{refresh}` → `{}`: ends the token's session. */
export const blacklistView: View = (deps) => async (ctx) => {
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
export const obtainSlidingView: View = (deps) => async (ctx) => {
  const arrival = deps.context.storeClock.now()
  const body = await readFields(ctx)
  const opener = openSlidingToken
  const { tokens } = await loginFromRequest(deps, ctx, { body, arrival, opener })
  ctx.body = { token: tokens.token }
}

/** `POST /api/token/sliding/refresh/` `{token}` → `{token}`. */
export const refreshSlidingView: View = (deps) => async (ctx) => {
  const arrival = deps.context.storeClock.now()
  const { token } = textFields(await readFields(ctx), 'token')
  const renewed = await slideFromRequest(deps, ctx, token, { arrival, onDead: () => {} })
  ctx.body = { token: renewed.token.token }
}
