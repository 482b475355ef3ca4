import type { Context } from 'koa'
import { authenticateAny } from '../authenticate.ts'
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
    const result = await authenticateAny(parts, token, now)
    if (result.outcome !== 'authenticated') {
      ctx.body = { active: false }
      return
    }
    // Another issuer's token has no session here; its `jti` is the one it may be revoked under.
    const session = parts.tokens.isOwn(result.claims) ? { sid: result.claims.sid } : {}
    const { sub, client_id, iat, exp, jti, iss, aud } = result.claims
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
      ...session,
    }
  })
