import { type EpochMs, msOf } from '../../../shared/kernel/ids.ts'
import { parseJwt, type Verified } from '../../../shared/tokens/verification/index.ts'

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
