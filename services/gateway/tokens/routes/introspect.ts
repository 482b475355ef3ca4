import type { Context } from 'koa'
import { readForm } from '../../http/body.ts'
import { inOAuthWords, requiredParameter } from '../../http/oauth-errors.ts'
import { checkMinimumPosition, setKnown } from '../../publication/minimum-position.ts'
import type { RouteParts } from '../../route-parts.ts'
import { introspectToken } from '../introspect-token.ts'

/**
 * `POST /introspect` (RFC 7662): asks the store, so it is the authority when a guard is stale. An
 * inactive token is exactly `{"active": false}`, whatever the reason.
 */
export const introspectRoute = (parts: RouteParts) =>
  inOAuthWords(async (ctx: Context): Promise<void> => {
    const now = parts.storeClock.now()
    parts.clients.authenticate(ctx, 'introspect')
    checkMinimumPosition(ctx, parts.storeClock)
    const form = await readForm(ctx)
    const token = requiredParameter(form, 'token')
    setKnown(ctx, parts.storeClock)
    const hint = form.get('token_type_hint') ?? null
    ctx.body = (await introspectToken(parts, { token, hint, now })) ?? { active: false }
  })
