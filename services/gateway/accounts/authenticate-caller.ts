import type { Context } from 'koa'
import { assertNever } from '../../../shared/kernel/assert-never.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { BearerClaims, BearerKind } from '../../../shared/tokens/claims.ts'
import {
  codeOfProblem,
  type HttpDeps,
  headerRefusal,
  noteCaller,
  tokenInContext,
} from '../http/index.ts'
import { authenticate, type Tokens } from '../tokens/index.ts'
import type { UserDeps } from './user-lookup.ts'
import { type UserStateDeps, userStateOf } from './user-state.ts'

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
