import type { Context } from 'koa'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { Person } from '../../../shared/ports/credentials.ts'
import type { BearerClaims } from '../../../shared/tokens/claims.ts'
import { callerOf } from '../http/caller.ts'
import { readCutoffs } from '../revocations/read-standing.ts'
import type { RouteParts } from '../route-parts.ts'
import { authenticate } from '../tokens/authenticate.ts'
import { isWelcome, peopleOf, personIn } from './user-lookup.ts'

export type ActiveCaller = Readonly<{ claims: BearerClaims; person: Person | null }>

/** Says that it was the password, where tokens have a mark of it (CHECK_REVOKE_TOKEN). */
const tellPasswordChanged = async (
  { tokens, store }: RouteParts,
  { sub, client_id: client, epoch }: BearerClaims,
): Promise<void> => {
  if (!tokens.marks) return
  const cutoffs = await readCutoffs(store, { sub, client })
  if (epoch.sub < cutoffs.sub) throw new AuthError('PASSWORD_CHANGED', 'a cutoff of the subject')
}

/**
 * As `callerOf`, and whom the directory knows under that subject: Simple-JWT's authentication. With
 * `authenticateAny`, another issuer's tokens too, whom no directory of ours knows.
 * @throws AuthError USER_INACTIVE, USER_NOT_FOUND, PASSWORD_CHANGED, and what `callerOf` throws.
 */
export const activeCaller = async (
  parts: RouteParts,
  ctx: Context,
  now: EpochMs,
  judge: typeof authenticate = authenticate,
): Promise<ActiveCaller> => {
  const onRevoked = (claims: BearerClaims): Promise<void> => tellPasswordChanged(parts, claims)
  const claims = await callerOf(parts, ctx, now, { onRevoked, judge })
  // Another issuer's `sub` may be spelled like one of ours and is somebody else.
  if (!parts.tokens.isOwn(claims)) return { claims, person: null }
  if (parts.tokens.lacksMark(claims)) throw new AuthError('PASSWORD_CHANGED', 'no mark')
  const who = await peopleOf(parts).credentials.bySub(claims.sub)
  // What was due may have ended this very session.
  if (who.state === 'changed') return activeCaller(parts, ctx, now, judge)
  if (isWelcome(parts, who)) return { claims, person: personIn(who) }
  throw new AuthError(who.state === 'absent' ? 'USER_NOT_FOUND' : 'USER_INACTIVE', 'not active')
}
