import { type EpochMs, msOf } from '../../../../shared/kernel/ids.ts'
import { revocationMarginMs } from '../../../../shared/session/session-policy.ts'
import {
  type BearerClaims,
  bearerKinds,
  type RefreshClaims,
} from '../../../../shared/tokens/claims.ts'
import type { Tokens } from '../../tokens/index.ts'
import type { RevocationTarget } from '../index.ts'

type Claims = BearerClaims | RefreshClaims

export type TokenToRevoke = Readonly<{ claims: Claims; own: boolean }>

/**
 * The claims of an authentic token of any kind that has not expired, also of another issuer where
 * one is configured; `null` for everything else.
 */
export const tokenToRevoke = async (
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
export const targetOfToken = (
  { claims, own }: TokenToRevoke,
  wholeSession: boolean,
): RevocationTarget => {
  const { token_type: kind, jti, sid, exp } = claims
  const expiresAt = (msOf(exp) + revocationMarginMs) as EpochMs
  return !own || (kind === 'access' && !wholeSession)
    ? { scope: 'token', jti, expiresAt }
    : { scope: 'session', sid }
}
