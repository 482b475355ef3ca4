import type { Context } from 'koa'
import { AuthError } from '../../../../shared/kernel/errors.ts'
import { factsOf, Refusal, readForm, requiredParameter, withOAuthErrors } from '../../http/index.ts'
import { appendRevocation, deliverUnlessPublished, setDeliveryHeaders } from '../index.ts'
import type { RevocationRouteDeps } from './revocation-route-deps.ts'
import { targetOfToken, tokenToRevoke } from './token-to-revoke.ts'

/** The parameter `end`: `token` or `session`. Curfew's extension of RFC 7009. */
const endsSession = (form: ReadonlyMap<string, string>): boolean => {
  const end = form.get('end') ?? 'token'
  if (end === 'token' || end === 'session') return end === 'session'
  throw new AuthError('INPUT_INVALID', 'end is neither token nor session', { field: 'end' })
}

/**
 * `POST /revoke` (RFC 7009). Any service client may end tokens that were issued to it; one with the
 * permission `revoke` may end every token. The token itself says its kind, so the hint is not used.
 * 200 once the end is in the event store, and also for a token that is unknown, expired or dead.
 * 503 when the end could not be stored.
 */
export const revokeRoute = (deps: RevocationRouteDeps) =>
  withOAuthErrors(async (ctx: Context): Promise<void> => {
    const now = deps.context.storeClock.now()
    const client = deps.http.clients.authenticate(ctx, null)
    const form = await readForm(ctx)
    const token = requiredParameter(form, 'token')
    const wholeSession = endsSession(form)
    ctx.status = 200
    ctx.body = ''
    const found = await tokenToRevoke(deps, token, now)
    if (!found) return
    const isOwn = found.own && found.claims.client_id === client.id
    if (!isOwn && !client.permissions.includes('revoke')) {
      // RFC 6749, 5.2: "or was issued to another client".
      throw new Refusal(400, { error: 'invalid_grant' })
    }
    const origin = factsOf(ctx).origin
    const ended = await appendRevocation(deps, targetOfToken(found, wholeSession), origin)
    if (ended) setDeliveryHeaders(ctx, await deliverUnlessPublished(deps, ended))
  })
