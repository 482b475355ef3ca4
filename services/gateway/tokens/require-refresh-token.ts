import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { RefreshClaims } from '../../../shared/tokens/claims.ts'
import { codeOfProblem } from '../http/index.ts'
import type { TokenIssuer } from './token-issuer.ts'

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
