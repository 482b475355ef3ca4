import { type EpochMs, msOf } from '../../../shared/kernel/ids.ts'
import type { Verified } from '../../../shared/tokens/verification/index.ts'
import { parseJwt } from '../../../shared/tokens/verification/index.ts'

/**
 * What an authentic token said until it expired: verified as of its last millisecond. It proves
 * nothing any more but whose it was.
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
