import type { Context } from 'koa'
import { AuthError } from '../../../../shared/kernel/errors.ts'
import { type EpochMs, msOf } from '../../../../shared/kernel/ids.ts'
import { revocationMarginMs } from '../../../../shared/session/session-policy.ts'
import {
  type BearerClaims,
  bearerKinds,
  type RefreshClaims,
} from '../../../../shared/tokens/claims.ts'
import { factsOf, Refusal, readForm, requiredParameter, withOAuthErrors } from '../../http/index.ts'
import type { Tokens } from '../../tokens/index.ts'
import type { RevocationTarget } from '../index.ts'
import { appendRevocation, deliverUnlessPublished, setDeliveryHeaders } from '../index.ts'
import type { RevocationRouteDeps } from './revocation-target.ts'

type Claims = BearerClaims | RefreshClaims

export type TokenToRevoke = Readonly<{ claims: Claims; own: boolean }>

/**
 * The claims of an authentic token of any kind that has not expired, also of another issuer where
 * one is configured; `null` for everything else.
 */
export const tokenToRevoke = async (
  { tokens: { issuer } }: Readonly<{ tokens: Pick<Tokens, 'issuer'> }>,
  token: string,
  now: EpochMs,
): Promise<TokenToRevoke | null> => {
  if (issuer.foreign?.isTheirs(token)) {
    const theirs = await issuer.foreign.verify(token, now)
    return theirs.ok ? { claims: theirs.claims, own: false } : null
  }
  const bearer = issuer.verifyBearer(token, now, bearerKinds)
  if (bearer.ok) return { claims: bearer.claims, own: true }
  const refresh = issuer.verifyRefresh(token, now)
  return refresh.ok ? { claims: refresh.claims, own: true } : null
}

/**
 * What revoking a token ends. An access token ends alone, or with its session if `wholeSession`. A
 * refresh or sliding token ends its session, since the other tokens came from it. A token of
 * another issuer has no session here, and ends alone.
 */
export const targetOfToken = (
  { claims, own }: TokenToRevoke,
  wholeSession: boolean,
): RevocationTarget => {
  const { token_type: kind, jti, sid, exp } = claims
  const expiresAt = (msOf(exp) + revocationMarginMs) as EpochMs
  return !own || (kind === 'access' && !wholeSession)
    ? { scope: 'token', jti, expiresAt }
    : { scope: 'session', sid }
}

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
