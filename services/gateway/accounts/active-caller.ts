import type { Context } from 'koa'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { UserIdentity } from '../../../shared/ports/credentials.ts'
import type { BearerClaims } from '../../../shared/tokens/claims.ts'
import { readCutoffs } from '../revocations/index.ts'
import { authenticate } from '../tokens/index.ts'
import { type CallerDeps, callerOf } from './authenticate-caller.ts'
import { foundUser, isActiveUser, usersOf } from './user-lookup.ts'

export type ActiveCaller = Readonly<{ claims: BearerClaims; person: UserIdentity | null }>

/**
 * Where tokens carry a password mark (CHECK_REVOKE_TOKEN): throws PASSWORD_CHANGED if a cutoff of
 * the subject ended the session.
 */
const throwIfPasswordChanged = async (
  { tokens: { issuer }, context: { store } }: CallerDeps,
  { sub, client_id: client, epoch }: BearerClaims,
): Promise<void> => {
  if (!issuer.hasPasswordMarks) return
  const cutoffs = await readCutoffs(store, { sub, client })
  if (epoch.sub < cutoffs.sub) throw new AuthError('PASSWORD_CHANGED', 'a cutoff of the subject')
}

/**
 * As `callerOf`, and reads the user from the directory, as Simple-JWT's authentication does. With
 * `authenticateAny` it takes another issuer's tokens too; their users are in no directory of ours.
 * @throws AuthError USER_INACTIVE, USER_NOT_FOUND, PASSWORD_CHANGED, and what `callerOf` throws.
 */
export const activeCaller = async (
  deps: CallerDeps,
  ctx: Context,
  now: EpochMs,
  authenticateToken: typeof authenticate = authenticate,
): Promise<ActiveCaller> => {
  const onRevoked = (claims: BearerClaims): Promise<void> => throwIfPasswordChanged(deps, claims)
  const claims = await callerOf(deps, ctx, now, { onRevoked, authenticateToken })
  // Another issuer's `sub` names somebody else, also where it equals one of ours.
  if (!deps.tokens.issuer.isOwn(claims)) return { claims, person: null }
  if (deps.tokens.issuer.lacksPasswordMark(claims))
    throw new AuthError('PASSWORD_CHANGED', 'no mark')
  const found = await usersOf(deps).credentials.bySub(claims.sub)
  // The pending cutoff that was just appended may have ended this session.
  if (found.state === 'changed') return activeCaller(deps, ctx, now, authenticateToken)
  if (isActiveUser(deps, found)) return { claims, person: foundUser(found) }
  throw new AuthError(found.state === 'absent' ? 'USER_NOT_FOUND' : 'USER_INACTIVE', 'not active')
}
