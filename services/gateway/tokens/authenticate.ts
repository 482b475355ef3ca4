import { type EpochMs, tokenStream } from '../../../shared/kernel/ids.ts'
import { isBelowCutoff } from '../../../shared/session/cutoffs-in-force.ts'
import { isLive } from '../../../shared/session/end-session.ts'
import type { SessionPolicy } from '../../../shared/session/session-policy.ts'
import type { BearerClaims, BearerKind } from '../../../shared/tokens/claims.ts'
import type { TokenProblem } from '../../../shared/tokens/verification/index.ts'
import type { CommandContext } from '../publication/index.ts'
import { readSessionAndCutoffs } from '../revocations/index.ts'
import type { Tokens } from './open-tokens.ts'

/** What verifying and introspecting a token uses. */
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
  /** `sessionDead` is false when only this token was revoked. */
  | Readonly<{ outcome: 'revoked'; claims: BearerClaims; sessionDead: boolean }>

const refusedFor = (problem: TokenProblem): Authentication => ({
  outcome: 'refused',
  problem: problem === 'unknown_key' ? 'malformed' : problem,
})

/**
 * Verifies a token, and reads from the event store whether it is alive. The gateway's own routes
 * use this and no guard, so the gateway refuses a token as soon as it has answered its revocation.
 * `accept` names the kinds of token; by default those of the settings. A session without a commit
 * is dead, so a store that was restored or has expired revives no token.
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
  const { newest, cutoffs, tokenEnded } = await readSessionAndCutoffs(store, {
    sid,
    sub,
    client,
    jti,
  })
  const isSessionAlive = isLive(newest) && !isBelowCutoff(newest.session.epoch, cutoffs)
  return isSessionAlive && !tokenEnded
    ? { outcome: 'authenticated', claims }
    : { outcome: 'revoked', claims, sessionDead: !isSessionAlive }
}

/**
 * As `authenticate`, and takes another issuer's tokens too. Those have no session, so only `POST
 * /revocations` for the token itself ends them. Their `sub` is no user of this service, so only
 * doors that change nothing may use this.
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
