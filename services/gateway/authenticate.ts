import type { EpochMs } from '../../shared/kernel/ids.ts'
import { isBelow } from '../../shared/session/cutoffs.ts'
import { isLive } from '../../shared/session/end-session.ts'
import type { BearerClaims, BearerKind } from '../../shared/tokens/claims.ts'
import { readStanding } from './cutoffs.ts'
import type { GatewayParts } from './parts.ts'

export type Authentication =
  | Readonly<{ outcome: 'authenticated'; claims: BearerClaims }>
  | Readonly<{ outcome: 'refused'; problem: 'malformed' | 'expired' | 'wrong_type' }>
  /** `sessionDead` is false when only this access token was ended. */
  | Readonly<{ outcome: 'revoked'; claims: BearerClaims; sessionDead: boolean }>

/**
 * The gateway's own routes ask the store, never a guard: what it answered is refused by it at once.
 * Only kinds of token that `accept` names, else those that this gateway is configured to accept.
 * A session without commits is dead (a restored or expired store must not revive a token).
 */
export const authenticate = async (
  { tokens, store }: Pick<GatewayParts, 'tokens' | 'store'>,
  token: string,
  now: EpochMs,
  accept: readonly BearerKind[] = tokens.accepted,
): Promise<Authentication> => {
  const verified = tokens.verifyBearer(token, now, accept)
  if (!verified.ok) {
    const { problem } = verified
    return { outcome: 'refused', problem: problem === 'unknown_key' ? 'malformed' : problem }
  }
  const { claims } = verified
  const { sid, sub, client_id: client, jti } = claims
  const { newest, cutoffs, tokenEnded } = await readStanding(store, { sid, sub, client, jti })
  const isStanding = isLive(newest) && !isBelow(newest.session.epoch, cutoffs)
  return isStanding && !tokenEnded
    ? { outcome: 'authenticated', claims }
    : { outcome: 'revoked', claims, sessionDead: !isStanding }
}
