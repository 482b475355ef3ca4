import { AuthError } from '../../../shared/kernel/errors.ts'
import { type EpochMs, msOf } from '../../../shared/kernel/ids.ts'
import type { RefreshClaims } from '../../../shared/tokens/claims.ts'
import { parseJwt, type Verified } from '../../../shared/tokens/verification/index.ts'
import { codeOfProblem } from '../http/index.ts'
import type { TokenIssuer } from './token-issuer.ts'

/**
 * The claims of an authentic token that has expired: it is verified as of its last millisecond. It
 * authenticates nobody; it only tells which session and user it belonged to.
 */
export const claimsBeforeExpiry = <Claims>(
  token: string,
  verify: (now: EpochMs) => Verified<Claims>,
): Claims | null => {
  const parsed = parseJwt(token)
  const exp = parsed.ok ? parsed.payload['exp'] : null
  if (!Number.isSafeInteger(exp)) return null
  const verified = verify((msOf(exp as never) - 1) as EpochMs)
  return verified.ok ? verified.claims : null
}

/** The session that a token says it is of; nothing is believed by that. */
export const claimedSession = (token: string): unknown => {
  const parsed = parseJwt(token)
  return parsed.ok ? parsed.payload['sid'] : null
}

/**
 * The claims of a refresh token. @throws AuthError TOKEN_INVALID, TOKEN_EXPIRED, TOKEN_WRONG_TYPE.
 */
export const requireRefreshToken = (
  issuer: TokenIssuer,
  token: string | null,
  now: EpochMs,
): RefreshClaims => {
  if (token === null) throw new AuthError('TOKEN_INVALID', 'no refresh token')
  const verified = issuer.verifyRefresh(token, now)
  if (verified.ok) return verified.claims
  throw new AuthError(codeOfProblem[verified.problem], 'refresh token')
}
