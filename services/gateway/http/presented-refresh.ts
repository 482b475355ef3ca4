import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { RefreshClaims } from '../../../shared/tokens/claims.ts'
import type { TokenDesk } from '../token-desk.ts'

/**
 * The claims of a refresh token. @throws AuthError TOKEN_INVALID, TOKEN_EXPIRED, TOKEN_WRONG_TYPE.
 */
export const presentedRefresh = (
  tokens: TokenDesk,
  token: string | null,
  now: EpochMs,
): RefreshClaims => {
  if (token === null) throw new AuthError('TOKEN_INVALID', 'no refresh token')
  const verified = tokens.verifyRefresh(token, now)
  if (verified.ok) return verified.claims
  switch (verified.problem) {
    case 'expired':
      throw new AuthError('TOKEN_EXPIRED', 'refresh token')
    case 'wrong_type':
      throw new AuthError('TOKEN_WRONG_TYPE', 'refresh token')
    default:
      throw new AuthError('TOKEN_INVALID', 'refresh token')
  }
}
