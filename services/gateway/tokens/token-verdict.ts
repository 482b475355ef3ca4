import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { mayRotate } from '../../../shared/session/rotation.ts'
import { bearerKinds } from '../../../shared/tokens/claims.ts'
import type { TokenProblem } from '../../../shared/tokens/verification/index.ts'
import { readSessionAndCutoffs } from '../revocations/index.ts'
import { authenticateAny, type TokenDeps } from './authenticate.ts'

export type TokenVerdict =
  | Readonly<{ outcome: 'good' | 'blacklisted' }>
  | Readonly<{ outcome: 'refused'; problem: TokenProblem }>

/** Whether a token of any kind is good now: authentic, in time, and not ended. Asks the store. */
export const verifyToken = async (
  deps: TokenDeps,
  token: string,
  now: EpochMs,
): Promise<TokenVerdict> => {
  if (deps.tokens.issuer.foreign?.isTheirs(token)) return bearerVerdict(deps, token, now)
  const refresh = deps.tokens.issuer.verifyRefresh(token, now)
  if (refresh.ok) {
    const { sid, sub, client_id: client, ver: version, jti } = refresh.claims
    const standing = await readSessionAndCutoffs(deps.context.store, { sid, sub, client, jti })
    const isGood = mayRotate(standing, { version, jti }, deps.policy)
    return { outcome: isGood ? 'good' : 'blacklisted' }
  }
  if (refresh.problem !== 'wrong_type') return { outcome: 'refused', problem: refresh.problem }
  return bearerVerdict(deps, token, now)
}

const bearerVerdict = async (
  deps: TokenDeps,
  token: string,
  now: EpochMs,
): Promise<TokenVerdict> => {
  const access = await authenticateAny(deps, token, now, bearerKinds)
  if (access.outcome === 'refused') return access
  return { outcome: access.outcome === 'authenticated' ? 'good' : 'blacklisted' }
}
