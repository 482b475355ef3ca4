import type { Context } from 'koa'
import { authenticate } from '../authenticate.ts'
import { readForm } from './body.ts'
import { Refusal } from './errors.ts'
import { inOAuthWords } from './oauth-errors.ts'
import type { RouteParts } from './route-parts.ts'

/**
 * `POST /introspect` (RFC 7662): asks the store, so it is the authority when a guard is stale. An
 * inactive token is exactly `{"active": false}`, whatever the reason.
 */
export const introspectRoute = (parts: RouteParts) =>
  inOAuthWords(async (ctx: Context): Promise<void> => {
    const now = parts.storeClock.now()
    parts.clients.authenticate(ctx, 'introspect')
    const token = (await readForm(ctx)).get('token')
    if (!token) throw new Refusal(400, { error: 'invalid_request' })
    const result = await authenticate(parts, token, now)
    if (result.outcome !== 'authenticated') {
      ctx.body = { active: false }
      return
    }
    const { sub, client_id, iat, exp, jti, iss, aud, sid } = result.claims
    ctx.body = {
      active: true,
      token_type: 'access_token',
      sub,
      client_id,
      iat,
      exp,
      jti,
      iss,
      aud,
      sid,
    }
  })
