import { AuthError } from '../../../shared/kernel/errors.ts'
import { type EpochMs, isTokenId, sessionId, tokenId } from '../../../shared/kernel/ids.ts'
import { revocationMarginMs } from '../../../shared/session/session-policy.ts'
import { parseJwt } from '../../../shared/tokens/verification/index.ts'
import type { RevocationTarget } from '../../gateway/revocations/index.ts'

const endOf = (exp: unknown, latest: EpochMs): EpochMs =>
  Number.isSafeInteger(exp)
    ? (Math.min((exp as number) * 1_000 + revocationMarginMs, latest) as EpochMs)
    : latest

/**
 * What a token, or the id of one, names. The signature is not looked at: who may write
 * to the store decides, and may hold no keys. A refresh or sliding token names its session.
 * @throws AuthError INPUT_INVALID.
 */
export const targetOfToken = (text: string, latest: EpochMs): RevocationTarget => {
  if (isTokenId(text)) return { scope: 'token', jti: text, expiresAt: latest }
  const parsed = parseJwt(text)
  if (!parsed.ok) throw new AuthError('INPUT_INVALID', 'this is neither a jti nor a token')
  const { jti, sid, exp } = parsed.payload
  return parsed.payload['token_type'] === 'access'
    ? { scope: 'token', jti: tokenId(String(jti)), expiresAt: endOf(exp, latest) }
    : { scope: 'session', sid: sessionId(String(sid)) }
}
