import type { Context } from 'koa'
import { assertNever } from '../../../shared/kernel/assert-never.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EpochMs, SubjectId } from '../../../shared/kernel/ids.ts'
import type { UserIdentity } from '../../../shared/ports/credentials.ts'
import type { BearerClaims, BearerKind } from '../../../shared/tokens/claims.ts'
import {
  codeOfProblem,
  type HttpDeps,
  headerRefusal,
  noteCaller,
  tokenInContext,
} from '../http/index.ts'
import { readCutoffs } from '../revocations/index.ts'
import { authenticate, type Tokens } from '../tokens/index.ts'
import type { Accounts } from './open-accounts.ts'
import { foundUser, isActiveUser, type UserDeps, usersOf } from './user-lookup.ts'

type UserStateDeps = Readonly<{ accounts: Pick<Accounts, 'directory' | 'ownUsers'> }>

/**
 * The state of a user, to say why a token is refused; the token is refused in any case. `unknown`
 * when the directory does not answer, so that the refusal does not become a 503, and for a team's
 * own directory, which is not asked for a message alone.
 */
export const userStateOf = async (
  { accounts: { directory, ownUsers } }: UserStateDeps,
  sub: SubjectId,
): Promise<'active' | 'inactive' | 'deleted' | 'unknown'> => {
  if (ownUsers) return 'unknown'
  try {
    const user = await directory.bySub(sub)
    return user === null ? 'deleted' : user.active ? 'active' : 'inactive'
  } catch {
    return 'unknown'
  }
}

/** What `callerOf` uses. */
export type CallerDeps = UserDeps &
  Readonly<{ tokens: Pick<Tokens, 'issuer' | 'userIdClaim'>; http: HttpDeps }>

/** Called with the claims of a revoked token before the refusal is thrown. */
type OnRevoked = (claims: BearerClaims, sessionDead: boolean) => Promise<void>

type CallerOptions = Readonly<{
  onRevoked?: OnRevoked
  /** Kinds of token that authenticate; by default those of the settings. */
  accept?: readonly BearerKind[]
  /** `authenticateAny` takes another issuer's tokens too. */
  authenticateToken?: typeof authenticate
}>

/** @throws AuthError NOT_AUTHENTICATED, HEADER_INVALID, COOKIE_DUPLICATED. */
const tokenOf = ({ http }: CallerDeps, ctx: Context): string => {
  const inRequest = tokenInContext(http, ctx)
  switch (inRequest.kind) {
    case 'token':
      return inRequest.token
    case 'none':
      throw new AuthError('NOT_AUTHENTICATED', 'no credentials')
    case 'bad_header':
      throw new AuthError('HEADER_INVALID', 'malformed header')
    case 'cookie_duplicated':
      return http.cookies.refuseDuplicated(ctx)
    default:
      return assertNever(inRequest)
  }
}

const acceptedKind = (
  { token_type: kind }: BearerClaims,
  accepted: readonly BearerKind[],
): BearerKind | undefined => (accepted.includes(kind) ? kind : undefined)

/**
 * Notes the user for the log line. Users of another issuer are not noted: an equal `sub` there is
 * somebody else.
 */
const noteUser = (
  { tokens: { issuer } }: Pick<CallerDeps, 'tokens'>,
  ctx: Context,
  claims: BearerClaims,
): void => {
  const { sub, sid } = claims
  if (issuer.isOwn(claims)) noteCaller(ctx, { by: 'person', sub, sid, isAdministrator: false })
}

/** The caller has an authentic token of this user, so the answer may name the user's state. */
const throwIfUserInactive = async (deps: UserStateDeps, { sub }: BearerClaims): Promise<void> => {
  const state = await userStateOf(deps, sub)
  if (state === 'deleted') throw new AuthError('USER_NOT_FOUND', 'deleted')
  if (state === 'inactive') throw new AuthError('USER_INACTIVE', 'disabled')
}

/**
 * Refuses callers whose sessions this cutoff of their subject ended since they were authenticated,
 * as their token is from now on. Of two requests at once that end all and keep one session, the
 * second would end the one that the first kept.
 * @throws Refusal 401
 */
export const refuseEndedBy = (
  { tokens: { issuer } }: Pick<CallerDeps, 'tokens'>,
  claims: BearerClaims,
  cutoff: number,
): void => {
  if (claims.epoch.sub >= cutoff) return
  throw headerRefusal('TOKEN_REVOKED', issuer.accepted, acceptedKind(claims, issuer.accepted))
}

/**
 * The claims of the token that authenticates this request.
 * @throws AuthError NOT_AUTHENTICATED, HEADER_INVALID, COOKIE_DUPLICATED; Refusal 401 naming what
 * is wrong with the token.
 */
export const callerOf = async (
  deps: CallerDeps,
  ctx: Context,
  now: EpochMs,
  {
    onRevoked = async () => {},
    accept = deps.tokens.issuer.accepted,
    authenticateToken = authenticate,
  }: CallerOptions = {},
): Promise<BearerClaims> => {
  const token = tokenOf(deps, ctx)
  const result = await authenticateToken(deps, token, now, accept)
  // The refusal names the kinds of the settings, also where this route takes more.
  const accepted = deps.tokens.issuer.accepted
  switch (result.outcome) {
    case 'authenticated':
      noteUser(deps, ctx, result.claims)
      return result.claims
    case 'revoked':
      await onRevoked(result.claims, result.sessionDead)
      // Another issuer's `sub` names somebody else, also where it equals one of ours.
      if (result.sessionDead && deps.tokens.issuer.isOwn(result.claims)) {
        await throwIfUserInactive(deps, result.claims)
      }
      throw headerRefusal('TOKEN_REVOKED', accepted, acceptedKind(result.claims, accepted))
    case 'refused':
      throw headerRefusal(codeOfProblem[result.problem], accepted)
  }
}

type ActiveCaller = Readonly<{ claims: BearerClaims; person: UserIdentity | null }>

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
