import type { Context } from 'koa'
import { clientId, type EpochMs, msOf, sessionId, subjectId } from '../../../shared/kernel/ids.ts'
import type { CutOffTarget } from '../../../shared/session/cut-off.ts'
import { revocationMarginMs } from '../../../shared/session/policy.ts'
import { bearerKinds } from '../../../shared/tokens/claims.ts'
import { cutOffNow } from '../cut-off.ts'
import { endToken } from '../end-token.ts'
import { endSessionById } from '../logout.ts'
import type { Delivery } from '../revocation.ts'
import { readJsonObject, textFields } from './body.ts'
import { Refusal } from './errors.ts'
import { setDelivery } from './logout.ts'
import { presentedRefresh } from './presented-refresh.ts'
import { requestOrigin } from './request-origin.ts'
import type { RouteParts } from './route-parts.ts'

const targetOf = (scope: string, id: string): CutOffTarget | null =>
  scope === 'subject'
    ? { scope, sub: subjectId(id) }
    : scope === 'client'
      ? { scope, client: clientId(id) }
      : scope === 'all'
        ? { scope }
        : null

/**
 * `POST /revocations` `{"scope": "token" | "session" | "subject" | "client" | "all", "id": …}` by a
 * service client that may revoke. A team's own directory calls it after it changed a password or
 * disabled a user.
 */
export const revocationsRoute =
  (parts: RouteParts) =>
  async (ctx: Context): Promise<void> => {
    parts.clients.authenticate(ctx, 'revoke')
    const body = await readJsonObject(ctx)
    const { scope } = textFields(body, 'scope')
    const id = scope === 'all' ? '' : textFields(body, 'id').id
    const delivery = await revoke(parts, ctx, scope, id)
    setDelivery(ctx, delivery)
    ctx.body = { status: delivery.status, position: delivery.position }
  }

const revoke = async (
  parts: RouteParts,
  ctx: Context,
  scope: string,
  id: string,
): Promise<Delivery> => {
  const origin = requestOrigin(ctx, parts.proxyHops)
  if (scope === 'session') {
    const result = await endSessionById(parts, { sid: sessionId(id), reason: 'revoked', origin })
    if (result.outcome === 'unknown')
      throw new Refusal(404, { detail: 'No such session.', code: 'not_found' })
    return result.delivery
  }
  if (scope === 'token') return revokeToken(parts, ctx, id)
  const target = targetOf(scope, id)
  if (!target) throw new Refusal(400, { scope: [`"${scope}" is not a valid choice.`] })
  return cutOffNow(parts, { target, reason: 'revoked', origin })
}

/** A token is named by itself: only an authentic one says how long its end must be remembered. */
const revokeToken = async (parts: RouteParts, ctx: Context, token: string): Promise<Delivery> => {
  const now = parts.storeClock.now()
  const origin = requestOrigin(ctx, parts.proxyHops)
  const bearer = parts.tokens.verifyBearer(token, now, bearerKinds)
  if (bearer.ok && bearer.claims.token_type === 'access') {
    const { jti, exp } = bearer.claims
    const expiresAt = (msOf(exp) + revocationMarginMs) as EpochMs
    return endToken(parts, { jti, expiresAt }, origin)
  }
  // Naming a refresh or sliding token ends its session: its other tokens came from it.
  const { sid } = bearer.ok ? bearer.claims : presentedRefresh(parts.tokens, token, now)
  const result = await endSessionById(parts, { sid, reason: 'revoked', origin })
  if (result.outcome === 'ended') return result.delivery
  throw new Refusal(404, { detail: 'No such session.', code: 'not_found' })
}
