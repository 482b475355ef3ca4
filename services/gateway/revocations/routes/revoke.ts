import type { Context } from 'koa'
import { AuthError } from '../../../../shared/kernel/errors.ts'
import {
  Refusal,
  readForm,
  requestOrigin,
  requiredParameter,
  withOAuthErrors,
} from '../../http/index.ts'
import { appendRevocation, deliverUnlessPublished, setDelivery } from '../index.ts'
import type { RevocationRouteDeps } from './revocation-route-deps.ts'
import { targetOfToken, tokenToRevoke } from './token-to-revoke.ts'

/** What an access token ends: itself, or its session. An extension of ours to RFC 7009. */
const endsSession = (form: ReadonlyMap<string, string>): boolean => {
  const end = form.get('end') ?? 'token'
  if (end === 'token' || end === 'session') return end === 'session'
  throw new AuthError('INPUT_INVALID', 'end is neither token nor session', { field: 'end' })
}

/**
 * `POST /revoke` (RFC 7009) by any service client for tokens that were issued to it, and by one
 * with the permission `revoke` for all. Which kind a token is it says itself, so the hint is not
 * needed. 200 once the end is in the event store, and for what is unknown, expired or dead already:
 * there is nothing left to end. 503 when it could not be stored.
 */
export const revokeRoute = (deps: RevocationRouteDeps) =>
  withOAuthErrors(async (ctx: Context): Promise<void> => {
    const now = deps.context.storeClock.now()
    const client = deps.http.clients.authenticate(ctx, null)
    const form = await readForm(ctx)
    const token = requiredParameter(form, 'token')
    const whole = endsSession(form)
    ctx.status = 200
    ctx.body = ''
    const presented = await tokenToRevoke(deps, token, now)
    if (!presented) return
    const isOwn = presented.own && presented.claims.client_id === client.id
    if (!isOwn && !client.permissions.includes('revoke')) {
      // RFC 6749, 5.2: "or was issued to another client".
      throw new Refusal(400, { error: 'invalid_grant' })
    }
    const origin = requestOrigin(ctx, deps.http.proxyHops)
    const ended = await appendRevocation(deps, targetOfToken(presented, whole), origin)
    if (ended) setDelivery(ctx, await deliverUnlessPublished(deps, ended))
  })
