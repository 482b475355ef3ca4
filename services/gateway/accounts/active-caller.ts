import type { Context } from 'koa'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { Person } from '../../../shared/ports/credentials.ts'
import type { BearerClaims } from '../../../shared/tokens/claims.ts'
import { readCutoffs } from '../revocations/index.ts'
import { authenticate } from '../tokens/index.ts'
import type { CallerDeps } from './caller.ts'
import { callerOf } from './caller.ts'
import { foundUser, isActiveUser, usersOf } from './user-lookup.ts'

export type ActiveCaller = Readonly<{ claims: BearerClaims; person: Person | null }>

/** Says that it was the password, where tokens have a mark of it (CHECK_REVOKE_TOKEN). */
const tellPasswordChanged = async (
  { tokens: { issuer }, context: { store } }: CallerDeps,
  { sub, client_id: client, epoch }: BearerClaims,
): Promise<void> => {
  if (!issuer.marks) return
  const cutoffs = await readCutoffs(store, { sub, client })
  if (epoch.sub < cutoffs.sub) throw new AuthError('PASSWORD_CHANGED', 'a cutoff of the subject')
}

/**
 * As `callerOf`, and whom the directory knows under that subject: Simple-JWT's authentication. With
 * `authenticateAny`, another issuer's tokens too, whom no directory of ours knows.
 * @throws AuthError USER_INACTIVE, USER_NOT_FOUND, PASSWORD_CHANGED, and what `callerOf` throws.
 */
export const activeCaller = async (
  deps: CallerDeps,
  ctx: Context,
  now: EpochMs,
  judge: typeof authenticate = authenticate,
): Promise<ActiveCaller> => {
  const onRevoked = (claims: BearerClaims): Promise<void> => tellPasswordChanged(deps, claims)
  const claims = await callerOf(deps, ctx, now, { onRevoked, judge })
  // Another issuer's `sub` may be spelled like one of ours and is somebody else.
  if (!deps.tokens.issuer.isOwn(claims)) return { claims, person: null }
  if (deps.tokens.issuer.lacksMark(claims)) throw new AuthError('PASSWORD_CHANGED', 'no mark')
  const who = await usersOf(deps).credentials.bySub(claims.sub)
  // What was due may have ended this very session.
  if (who.state === 'changed') return activeCaller(deps, ctx, now, judge)
  if (isActiveUser(deps, who)) return { claims, person: foundUser(who) }
  throw new AuthError(who.state === 'absent' ? 'USER_NOT_FOUND' : 'USER_INACTIVE', 'not active')
}
