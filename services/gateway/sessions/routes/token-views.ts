import type { Context } from 'koa'
import { onAnswerOver } from '../../../../shared/kernel/answer-end.ts'
import { AuthError } from '../../../../shared/kernel/errors.ts'
import { readFields, textFields } from '../../http/body.ts'
import { requestOrigin } from '../../http/request-origin.ts'
import type { RouteParts } from '../../route-parts.ts'
import { presentedRefresh } from '../../tokens/require-refresh-token.ts'
import { blacklistToken } from '../blacklist-token.ts'
import { presentAny, presentCredentials, presentRefresh, presentSliding } from '../from-request.ts'
import { openPair, openSlidingToken } from '../session-openers.ts'
import { setDelivery } from './logout.ts'

/**
 * Simple-JWT's views in body mode: tokens come and go in JSON, and no cookie is read or set, so a
 * cookie never answers a body request.
 */
type View = (parts: RouteParts) => (ctx: Context) => Promise<void>

/** `POST /api/token/` `{username, password}` → `{refresh, access}`. */
export const obtainPairView: View = (parts) => async (ctx) => {
  const arrival = parts.storeClock.now()
  const body = await readFields(ctx)
  const opened = await presentCredentials(parts, ctx, { body, arrival, opener: openPair })
  const { access, refresh } = opened.tokens
  ctx.body = { refresh: refresh.token, access: access.token }
}

/** `POST /api/token/refresh/` `{refresh}` → `{access}`, and `refresh` when it rotates. */
export const refreshView: View = (parts) => async (ctx) => {
  const arrival = parts.storeClock.now()
  const { refresh } = textFields(await readFields(ctx), 'refresh')
  const options = { arrival, onDead: () => {} }
  const { tokens, refreshChanged } = await presentRefresh(parts, ctx, refresh, options)
  ctx.body = {
    access: tokens.access.token,
    ...(refreshChanged ? { refresh: tokens.refresh.token } : {}),
  }
}

/**
 * `POST /api/token/verify/` `{token}` → `{}` for a good token of any kind. An ended one is a 400,
 * as Simple-JWT answers for refresh tokens; here that holds for access tokens of an ended session
 * too.
 */
export const verifyView: View = (parts) => async (ctx) => {
  const now = parts.storeClock.now()
  const { token } = textFields(await readFields(ctx), 'token')
  await presentAny(parts, token, now)
  ctx.body = {}
}

/** `POST /api/token/blacklist/` `{refresh}` → `{}`: ends the token's session. */
export const blacklistView: View = (parts) => async (ctx) => {
  const arrival = parts.storeClock.now()
  const { refresh } = textFields(await readFields(ctx), 'refresh')
  const claims = presentedRefresh(parts.tokens, refresh, arrival)
  const origin = requestOrigin(ctx, parts.proxyHops)
  const departing = parts.departures.enter([claims.sid])
  onAnswerOver(ctx.res, departing.answered)
  const result = await blacklistToken(parts, { claims, origin, arrival }, departing)
  if (result.outcome !== 'ended') throw new AuthError('TOKEN_REVOKED', result.outcome)
  await departing.lastCall()
  setDelivery(ctx, result.delivery)
  ctx.body = {}
}

/** `POST /api/token/sliding/` `{username, password}` → `{token}`. */
export const obtainSlidingView: View = (parts) => async (ctx) => {
  const arrival = parts.storeClock.now()
  const body = await readFields(ctx)
  const opener = openSlidingToken
  const { tokens } = await presentCredentials(parts, ctx, { body, arrival, opener })
  ctx.body = { token: tokens.token }
}

/** `POST /api/token/sliding/refresh/` `{token}` → `{token}`. */
export const refreshSlidingView: View = (parts) => async (ctx) => {
  const arrival = parts.storeClock.now()
  const { token } = textFields(await readFields(ctx), 'token')
  const renewed = await presentSliding(parts, ctx, token, { arrival, onDead: () => {} })
  ctx.body = { token: renewed.token.token }
}
