import type { Context } from 'koa'
import { type AuthErrorCode, isAuthError } from '../../../shared/kernel/errors.ts'
import type { BearerClaims } from '../../../shared/tokens/claims.ts'
import { type CallerDeps, callerOf } from '../accounts/index.ts'
import { Refusal, refuseForeignWrite, statusOfCode } from '../http/index.ts'
import { checkMinimumPosition, setKnown } from '../publication/index.ts'
import { authenticateAny } from '../tokens/index.ts'

type Identity = Readonly<Record<IdentityHeader, string>>

/** What a proxy hands to the service behind it; every answer holds all of them. */
export const identityHeaders = [
  'Curfew-Issuer',
  'Curfew-User',
  'Curfew-Subject',
  'Curfew-Client',
  'Curfew-Session',
  'Curfew-Token',
  'Curfew-Roles',
  'Curfew-Expires',
  'Curfew-Auth-Time',
] as const
export type IdentityHeader = (typeof identityHeaders)[number]

/** Visible ASCII but the comma, which separates, stands for itself; the rest is percent-encoded. */
const headerText = (value: unknown): string =>
  String(value).replace(/[^\x21-\x7e]+|[%,]/g, (part) =>
    [...Buffer.from(part)].map((byte) => `%${hex(byte)}`).join(''),
  )
const hex = (byte: number): string => byte.toString(16).toUpperCase().padStart(2, '0')

/** Another issuer's token has no session here, and tells nothing of a password of ours. */
const identityOf = (
  claims: BearerClaims,
  { tokens: { userIdClaim, issuer } }: CallerDeps,
): Identity => ({
  'Curfew-Issuer': headerText(claims.iss),
  'Curfew-User': headerText(claims[userIdClaim] ?? claims.sub),
  'Curfew-Subject': claims.sub,
  'Curfew-Client': claims.client_id,
  'Curfew-Session': issuer.isOwn(claims) ? claims.sid : '',
  'Curfew-Token': claims.jti,
  'Curfew-Roles': (claims.roles ?? []).map(headerText).join(','),
  'Curfew-Expires': String(claims.exp),
  'Curfew-Auth-Time': issuer.isOwn(claims) ? String(claims.auth_time) : '',
})

/**
 * nginx makes a 500 of everything but 2xx, 401 and 403: credentials that cannot even be read are
 * 401, a demand that makes no sense is 403. What is temporary stays 503.
 */
const inProxyWords = (thrown: unknown): unknown => {
  if (!isAuthError(thrown) || statusOfCode(thrown.code) !== 400) return thrown
  const code: AuthErrorCode = thrown.code
  const status = code === 'COOKIE_DUPLICATED' ? 401 : 403
  return new Refusal(status, { detail: thrown.message, code: code.toLowerCase() })
}

/** The method of the request that the proxy asks about; one that changes something wins. */
const methodsOf = (ctx: Context): readonly string[] => [
  ctx.method,
  ctx.get('x-original-method'),
  ctx.get('x-forwarded-method'),
]

/**
 * `GET /verify` for proxies (nginx `auth_request`, Traefik ForwardAuth), and any method on
 * `/verify/…` (Envoy ext_authz puts the original method and path there). Asks the event store, so a
 * token is refused by it as soon as its revocation was answered. Cost: one read of the store.
 *
 * Identity headers are set on every answer, empty when there is nothing to say: a proxy that copies
 * them overwrites what a client made up.
 */
export const forwardAuthRoute =
  (deps: CallerDeps) =>
  async (ctx: Context): Promise<void> => {
    for (const name of identityHeaders) ctx.set(name, '')
    const now = deps.context.storeClock.now()
    try {
      for (const method of methodsOf(ctx)) refuseForeignWrite(ctx, deps.http.origins, method)
      checkMinimumPosition(ctx, deps.context.storeClock)
      setKnown(ctx, deps.context.storeClock)
      const claims = await callerOf(deps, ctx, now, { judge: authenticateAny })
      ctx.set(identityOf(claims, deps))
    } catch (thrown) {
      throw inProxyWords(thrown)
    }
    // Envoy takes 200 and no other 2xx.
    ctx.status = 200
    ctx.body = ''
  }
