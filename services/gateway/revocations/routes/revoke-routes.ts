import type { Context } from 'koa'
import { z } from 'zod'
import { form, json } from '../../../../shared/http/route-doc.ts'
import { AuthError } from '../../../../shared/kernel/errors.ts'
import { type EpochMs, msOf } from '../../../../shared/kernel/ids.ts'
import { revocationMarginMs } from '../../../../shared/session/session-policy.ts'
import {
  type BearerClaims,
  bearerKinds,
  type RefreshClaims,
} from '../../../../shared/tokens/claims.ts'
import {
  factsOf,
  type GatewayRoute,
  oauth,
  post,
  Refusal,
  readForm,
  requiredParameter,
  revoking,
  takingForm,
  token,
  toReceivers,
  withOAuthErrors,
} from '../../http/index.ts'
import type { Tokens } from '../../tokens/index.ts'
import {
  appendRevocation,
  deliverUnlessPublished,
  type RevocationTarget,
  setDeliveryHeaders,
} from '../index.ts'
import { globalRevocationFields, globalRevocationRoute } from './global-revocation-handler.ts'
import type { RevocationRouteDeps } from './revocation-target.ts'

type Claims = BearerClaims | RefreshClaims

type TokenToRevoke = Readonly<{ claims: Claims; own: boolean }>

/**
 * The claims of an authentic token of any kind that has not expired, also of another issuer where
 * one is configured; `null` for everything else.
 */
const tokenToRevoke = async (
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
const targetOfToken = ({ claims, own }: TokenToRevoke, wholeSession: boolean): RevocationTarget => {
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
const revokeRoute = (deps: RevocationRouteDeps) =>
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

const tag = 'Services'
const security = [['serviceClient']] as const

/** RFC 7009, 2.1 names the parameters; `end` is ours. */
const revocationForm = z.object({
  token,
  token_type_hint: z.string().optional(),
  end: z.enum(['token', 'session']).optional(),
})

/** Revocation for services with credentials of their own (`CURFEW_SERVICE_CLIENTS`). */
export const revokeRoutes: readonly GatewayRoute<RevocationRouteDeps>[] = [
  post('/revoke', revokeRoute, {
    summary: 'End a token (RFC 7009), or with `end=session` its session',
    description:
      'A refresh or sliding token ends its session. 200 also for what is unknown, expired or ' +
      'dead already. A client without the permission `revoke` ends only what was issued to it.',
    tag,
    security,
    body: [form(revocationForm)],
    answers: takingForm({
      200: revoking({ description: 'It is dead.' }),
    }),
  }),
  post('/global-token-revocation', globalRevocationRoute, {
    summary: 'End all of a user (draft-parecki-oauth-global-token-revocation)',
    description:
      'For an identity provider’s universal logout. `sub_id` is of RFC 9493: `opaque` (the ' +
      '`sub`), `iss_sub`, `email` (a name that logs in), or `aliases` of these. The client ' +
      'needs the permission `revoke`.',
    tag,
    security,
    body: [json(globalRevocationFields)],
    answers: toReceivers({
      204: revoking({ description: 'Every session of the user is dead.' }),
      400: oauth('`invalid_request`: `sub_id` is missing or of the wrong form.'),
      404: oauth('`invalid_request`: there is no such user.'),
      413: oauth('`invalid_request`: the body is larger than 16 KiB.'),
      415: oauth('`invalid_request`: the body is no JSON.'),
    }),
  }),
]
