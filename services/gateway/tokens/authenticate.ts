import { type EpochMs, tokenStream } from '../../../shared/kernel/ids.ts'
import { isBelowCutoff } from '../../../shared/session/cutoffs-in-force.ts'
import { isLive } from '../../../shared/session/end-session.ts'
import type { SessionPolicy } from '../../../shared/session/session-policy.ts'
import type { BearerClaims, BearerKind } from '../../../shared/tokens/claims.ts'
import type { TokenProblem } from '../../../shared/tokens/verification/index.ts'
import type { CommandContext } from '../publication/index.ts'
import { readStanding } from '../revocations/index.ts'
import type { Tokens } from './open-tokens.ts'

/** What judging a token takes. */
export type TokenDeps = Readonly<{
  context: Pick<CommandContext, 'store' | 'storeClock'>
  tokens: Pick<Tokens, 'issuer' | 'userIdClaim' | 'userIdField'>
  policy: SessionPolicy
}>

type AuthenticationDeps = Readonly<{
  context: Pick<CommandContext, 'store'>
  tokens: Pick<Tokens, 'issuer'>
}>

export type Authentication =
  | Readonly<{ outcome: 'authenticated'; claims: BearerClaims }>
  | Readonly<{ outcome: 'refused'; problem: 'malformed' | 'expired' | 'wrong_type' }>
  /** `sessionDead` is false when only this access token was ended. */
  | Readonly<{ outcome: 'revoked'; claims: BearerClaims; sessionDead: boolean }>

const refusedFor = (problem: TokenProblem): Authentication => ({
  outcome: 'refused',
  problem: problem === 'unknown_key' ? 'malformed' : problem,
})

/**
 * The gateway's own routes ask the store, never a guard: what it answered is refused by it at once.
 * Only kinds of token that `accept` names, else those that this gateway is configured to accept.
 * A session without commits is dead (a restored or expired store must not revive a token).
 */
export const authenticate = async (
  { tokens: { issuer }, context: { store } }: AuthenticationDeps,
  token: string,
  now: EpochMs,
  accept: readonly BearerKind[] = issuer.accepted,
): Promise<Authentication> => {
  const verified = issuer.verifyBearer(token, now, accept)
  if (!verified.ok) return refusedFor(verified.problem)
  const { claims } = verified
  const { sid, sub, client_id: client, jti } = claims
  const { newest, cutoffs, tokenEnded } = await readStanding(store, { sid, sub, client, jti })
  const isStanding = isLive(newest) && !isBelowCutoff(newest.session.epoch, cutoffs)
  return isStanding && !tokenEnded
    ? { outcome: 'authenticated', claims }
    : { outcome: 'revoked', claims, sessionDead: !isStanding }
}

/**
 * As `authenticate`, for doors that take another issuer's tokens too. Those have no session: alone
 * their revocation by `POST /revocations` ends them. Their `sub` is no user of ours, so no door
 * that changes something may use this.
 */
export const authenticateAny: typeof authenticate = async (deps, token, now, accept) => {
  const { foreign } = deps.tokens.issuer
  if (!foreign?.isTheirs(token)) return authenticate(deps, token, now, accept)
  const verified = await foreign.verify(token, now)
  if (!verified.ok) return refusedFor(verified.problem)
  const { claims } = verified
  const [ended = null] = await deps.context.store.heads([tokenStream(claims.jti)])
  return ended === null
    ? { outcome: 'authenticated', claims }
    : { outcome: 'revoked', claims, sessionDead: false }
}
