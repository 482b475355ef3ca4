import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { mayRotate } from '../../../shared/session/rotation.ts'
import type { BearerClaims, RefreshClaims } from '../../../shared/tokens/claims.ts'
import { readSessionAndCutoffs } from '../revocations/index.ts'
import { authenticateAny, type TokenDeps } from './authenticate.ts'

type IntrospectionMembers = Readonly<Record<string, unknown>>
type Introspection = Readonly<{ token: string; hint: string | null; now: EpochMs }>

/** Members that the answer has only if the token has them. */
const optional = ['aud', 'nbf', 'scope', 'roles'] as const

const membersOf = (
  { tokens: { userIdClaim, userIdField, issuer } }: TokenDeps,
  claims: BearerClaims | RefreshClaims,
): IntrospectionMembers => {
  const { sub, client_id, iat, exp, jti, iss, sid, auth_time, token_type: kind } = claims
  return {
    active: true,
    // RFC 6749, 5.1: how the token is used. Curfew's own kind of token is in `kind`.
    ...(kind === 'refresh' ? {} : { token_type: 'Bearer' }),
    kind,
    sub,
    client_id,
    iat,
    exp,
    jti,
    iss,
    // Another issuer's token has no session here; it can be revoked by its `jti`.
    ...(issuer.isOwn(claims) ? { sid, auth_time } : {}),
    ...Object.fromEntries(
      optional.filter((name) => claims[name] !== undefined).map((name) => [name, claims[name]]),
    ),
    [userIdClaim]: claims[userIdClaim] ?? sub,
    ...(userIdField === 'username' ? { username: claims[userIdClaim] } : {}),
  }
}

/** The claims of a refresh token that could rotate now. Appends nothing, not even for reuse. */
const activeRefresh = async (
  deps: TokenDeps,
  { token, now }: Introspection,
): Promise<RefreshClaims | null> => {
  const verified = deps.tokens.issuer.verifyRefresh(token, now)
  if (!verified.ok) return null
  const { sid, sub, client_id: client, ver: version, jti } = verified.claims
  const standing = await readSessionAndCutoffs(deps.context.store, { sid, sub, client, jti })
  return mayRotate(standing, { version, jti }, deps.policy) ? verified.claims : null
}

/**
 * The members of RFC 7662 for a token; `null` for one that is not active, whatever the reason. Asks
 * the event store. A refresh token is active only for a caller that sends the hint `refresh_token`:
 * a service that looks at `active` alone would take it for an access token. `username` is answered
 * only if the token has it, since the event store has no names.
 */
export const introspectToken = async (
  deps: TokenDeps,
  request: Introspection,
): Promise<IntrospectionMembers | null> => {
  const { token, hint, now } = request
  const bearer = await authenticateAny(deps, token, now)
  if (bearer.outcome === 'authenticated') return membersOf(deps, bearer.claims)
  if (bearer.outcome === 'revoked' || hint !== 'refresh_token') return null
  const refresh = await activeRefresh(deps, request)
  return refresh && membersOf(deps, refresh)
}
