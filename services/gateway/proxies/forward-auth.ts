import type { Context } from 'koa'
import { type AuthErrorCode, isAuthError } from '../../../shared/kernel/errors.ts'
import type { BearerClaims } from '../../../shared/tokens/claims.ts'
import { type CallerDeps, callerOf } from '../accounts/index.ts'
import { type Handler, Refusal, refuseForeignWrite, statusOfCode } from '../http/index.ts'
import { checkMinimumPosition, setKnown } from '../publication/index.ts'
import { authenticateAny } from '../tokens/index.ts'
import { offerSignIn, type SignInOffer } from './offer-sign-in.ts'

export type ForwardAuthDeps = CallerDeps & Readonly<{ signIn: SignInOffer }>

type Identity = Readonly<Record<IdentityHeader, string>>

/** The headers that a proxy passes to the service behind it; every answer has all of them. */
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

/** Percent-encodes everything but visible ASCII, and also `%` and the comma, which separates. */
const headerText = (value: unknown): string =>
  String(value).replace(/[^\x21-\x7e]+|[%,]/g, (part) =>
    [...Buffer.from(part)].map((byte) => `%${hex(byte)}`).join(''),
  )
const hex = (byte: number): string => byte.toString(16).toUpperCase().padStart(2, '0')

/** A token of another trusted issuer has no session here and no login of ours: both are empty. */
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
 * nginx turns everything but 2xx, 401 and 403 into a 500. So a 400 becomes 401 if the credentials
 * cannot be read, and 403 if another part of the request is wrong. A 503 stays, as it is temporary.
 */
const forProxy = (thrown: unknown): unknown => {
  if (!isAuthError(thrown) || statusOfCode(thrown.code) !== 400) return thrown
  const code: AuthErrorCode = thrown.code
  const status = code === 'COOKIE_DUPLICATED' ? 401 : 403
  return new Refusal(status, { detail: thrown.message, code: code.toLowerCase() })
}

/** Every method that the proxied request may have; each is checked, so a write is found. */
const methodsOf = (ctx: Context): readonly string[] => [
  ctx.method,
  ctx.get('x-original-method'),
  ctx.get('x-forwarded-method'),
]

/**
 * `GET /verify` for proxies (nginx `auth_request`, Traefik ForwardAuth), and any method on
 * `/verify/…` (Envoy ext_authz puts the original method and path there). It asks the event store,
 * so a token is refused as soon as its revocation was answered. Cost: one read of the store.
 *
 * Every answer has all identity headers, empty when there is no value: a proxy that copies them
 * overwrites those that a client made up. A browser’s navigation can be led to the sign-in.
 */
export const forwardAuthRoute: Handler<ForwardAuthDeps> = (deps) => async (ctx) => {
  for (const name of identityHeaders) ctx.set(name, '')
  const now = deps.context.storeClock.now()
  const methods = methodsOf(ctx)
  offerSignIn(ctx, deps.signIn, methods)
  try {
    for (const method of methods) refuseForeignWrite(ctx, deps.http.origins, method)
    checkMinimumPosition(ctx, deps.context.storeClock)
    setKnown(ctx, deps.context.storeClock)
    const claims = await callerOf(deps, ctx, now, { authenticateToken: authenticateAny })
    ctx.set(identityOf(claims, deps))
  } catch (thrown) {
    throw forProxy(thrown)
  }
  // Envoy takes 200 and no other 2xx.
  ctx.status = 200
  ctx.body = ''
}
