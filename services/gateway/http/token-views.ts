import type { Context } from 'koa'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { blacklistToken } from '../blacklist-token.ts'
import { verifyToken } from '../verify-token.ts'
import { readJsonObject, textFields } from './body.ts'
import { Refusal } from './errors.ts'
import { setDelivery } from './logout.ts'
import { presentCredentials, presentRefresh } from './present.ts'
import { presentedRefresh } from './presented-refresh.ts'
import { requestOrigin } from './request-origin.ts'
import type { RouteParts } from './route-parts.ts'

/**
 * Simple-JWT's views in body mode: tokens come and go in JSON, and no cookie is read or set, so a
 * cookie never answers a body request.
 */
type View = (parts: RouteParts) => (ctx: Context) => Promise<void>

/** `POST /api/token/` `{username, password}` → `{refresh, access}`. */
export const obtainPairView: View = (parts) => async (ctx) => {
  const { access, refresh } = await presentCredentials(parts, ctx, parts.storeClock.now())
  ctx.body = { refresh: refresh.token, access: access.token }
}

/** `POST /api/token/refresh/` `{refresh}` → `{access}`, and `refresh` when it rotates. */
export const refreshView: View = (parts) => async (ctx) => {
  const arrival = parts.storeClock.now()
  const { refresh } = textFields(await readJsonObject(ctx), 'refresh')
  const options = { arrival, onDead: () => {} }
  const { tokens, refreshChanged } = await presentRefresh(parts, ctx, refresh, options)
  ctx.body = {
    access: tokens.access.token,
    ...(refreshChanged ? { refresh: tokens.refresh.token } : {}),
  }
}

const codeOf = {
  malformed: 'TOKEN_INVALID',
  unknown_key: 'TOKEN_INVALID',
  expired: 'TOKEN_EXPIRED',
  wrong_type: 'TOKEN_WRONG_TYPE',
} as const

/**
 * `POST /api/token/verify/` `{token}` → `{}` for a good token of any kind. An ended one is a 400,
 * as Simple-JWT answers for refresh tokens; here that holds for access tokens of an ended session
 * too.
 */
export const verifyView: View = (parts) => async (ctx) => {
  const now = parts.storeClock.now()
  const { token } = textFields(await readJsonObject(ctx), 'token')
  const verdict = await verifyToken(parts, token, now)
  if (verdict.outcome === 'refused') throw new AuthError(codeOf[verdict.problem], 'verify')
  if (verdict.outcome === 'blacklisted') {
    throw new Refusal(400, { non_field_errors: ['Token is blacklisted'] })
  }
  ctx.body = {}
}

/** `POST /api/token/blacklist/` `{refresh}` → `{}`: ends the token's session. */
export const blacklistView: View = (parts) => async (ctx) => {
  const arrival = parts.storeClock.now()
  const { refresh } = textFields(await readJsonObject(ctx), 'refresh')
  const claims = presentedRefresh(parts.tokens, refresh, arrival)
  const origin = requestOrigin(ctx, parts.proxyHops)
  const result = await blacklistToken(parts, { claims, origin, arrival })
  if (result.outcome !== 'ended') throw new AuthError('TOKEN_REVOKED', result.outcome)
  setDelivery(ctx, result.delivery)
  ctx.body = {}
}
