import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { mayRotate } from '../../../shared/session/may-rotate.ts'
import type { BearerClaims, RefreshClaims } from '../../../shared/tokens/claims.ts'
import { readStanding } from '../revocations/index.ts'
import type { TokenDeps } from './authenticate.ts'
import { authenticateAny } from './authenticate.ts'

type Members = Readonly<Record<string, unknown>>
type Asking = Readonly<{ token: string; hint: string | null; now: EpochMs }>

/** Members that an answer has only where the token has them. */
const optional = ['aud', 'nbf', 'scope', 'roles'] as const

const membersOf = (
  { tokens: { userIdClaim, userIdField, issuer } }: TokenDeps,
  claims: BearerClaims | RefreshClaims,
): Members => {
  const { sub, client_id, iat, exp, jti, iss, sid, auth_time, token_type: kind } = claims
  return {
    active: true,
    // RFC 6749, 5.1: how it is used. What kind it is among ours stands in `kind`.
    ...(kind === 'refresh' ? {} : { token_type: 'Bearer' }),
    kind,
    sub,
    client_id,
    iat,
    exp,
    jti,
    iss,
    // Another issuer's token has no session here; its `jti` is what it may be revoked under.
    ...(issuer.isOwn(claims) ? { sid, auth_time } : {}),
    ...Object.fromEntries(
      optional.filter((name) => claims[name] !== undefined).map((name) => [name, claims[name]]),
    ),
    [userIdClaim]: claims[userIdClaim] ?? sub,
    ...(userIdField === 'username' ? { username: claims[userIdClaim] } : {}),
  }
}

/** Whether a refresh token could rotate now. Judges nothing, and revokes nothing. */
const activeRefresh = async (
  deps: TokenDeps,
  { token, now }: Asking,
): Promise<RefreshClaims | null> => {
  const verified = deps.tokens.issuer.verifyRefresh(token, now)
  if (!verified.ok) return null
  const { sid, sub, client_id: client, ver: version, jti } = verified.claims
  const standing = await readStanding(deps.context.store, { sid, sub, client, jti })
  return mayRotate(standing, { version, jti }, deps.policy) ? verified.claims : null
}

/**
 * What RFC 7662 answers for a token; `null` for one that is not active, whatever the reason. Asks
 * the event store. A refresh token is told only to who hints at one: a service that looks at
 * `active` alone would take it for an access token. The name of a user is told where the token has
 * it: the store that decides knows no names.
 */
export const introspectToken = async (deps: TokenDeps, asking: Asking): Promise<Members | null> => {
  const { token, hint, now } = asking
  const bearer = await authenticateAny(deps, token, now)
  if (bearer.outcome === 'authenticated') return membersOf(deps, bearer.claims)
  if (bearer.outcome === 'revoked' || hint !== 'refresh_token') return null
  const refresh = await activeRefresh(deps, asking)
  return refresh && membersOf(deps, refresh)
}
