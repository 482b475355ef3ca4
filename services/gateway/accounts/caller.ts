import type { Context } from 'koa'
import { AuthError, assertNever } from '../../../shared/kernel/errors.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { BearerClaims, BearerKind } from '../../../shared/tokens/claims.ts'
import {
  codeOfProblem,
  headerRefusal,
  noteCaller,
  type RequestReading,
  tokenInContext,
} from '../http/index.ts'
import { authenticate, type Tokens } from '../tokens/index.ts'
import type { UserDeps } from './user-lookup.ts'
import { type UserStateDeps, userStateOf } from './user-state.ts'

/** What finding out takes who sent a request. */
export type CallerDeps = UserDeps &
  Readonly<{ tokens: Pick<Tokens, 'issuer' | 'userIdClaim'>; http: RequestReading }>

/** Called with the claims of a token whose session is dead, before the refusal is answered. */
type OnRevoked = (claims: BearerClaims, sessionDead: boolean) => Promise<void>

type CallerOptions = Readonly<{
  onRevoked?: OnRevoked
  /** Kinds of token; those that the gateway is configured to accept, without it. */
  accept?: readonly BearerKind[]
  /** `authenticateAny` takes another issuer's tokens too. */
  judge?: typeof authenticate
}>

/** @throws AuthError NOT_AUTHENTICATED, HEADER_INVALID, COOKIE_DUPLICATED. */
const tokenOf = ({ http }: CallerDeps, ctx: Context): string => {
  const shown = tokenInContext(http, ctx)
  switch (shown.kind) {
    case 'token':
      return shown.token
    case 'none':
      throw new AuthError('NOT_AUTHENTICATED', 'no credentials')
    case 'bad_header':
      throw new AuthError('HEADER_INVALID', 'malformed header')
    case 'cookie_duplicated':
      return http.cookies.refuseDuplicated(ctx)
    default:
      return assertNever(shown)
  }
}

const shownKind = (
  { token_type: kind }: BearerClaims,
  shown: readonly BearerKind[],
): BearerKind | undefined => (shown.includes(kind) ? kind : undefined)

/** Another issuer’s `sub` may be spelled like one of ours and is somebody else. */
const note = (
  { tokens: { issuer } }: Pick<CallerDeps, 'tokens'>,
  ctx: Context,
  claims: BearerClaims,
): void => {
  const { sub, sid } = claims
  if (issuer.isOwn(claims)) noteCaller(ctx, { by: 'person', sub, sid, isAdministrator: false })
}

/** Says why, where the user is the reason; the caller has shown an authentic token of theirs. */
const refuseUser = async (deps: UserStateDeps, { sub }: BearerClaims): Promise<void> => {
  const standing = await userStateOf(deps, sub)
  if (standing === 'gone') throw new AuthError('USER_NOT_FOUND', 'deleted')
  if (standing === 'inactive') throw new AuthError('USER_INACTIVE', 'disabled')
}

/**
 * Who sent this request, by the token that `shownIn` finds.
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
    judge = authenticate,
  }: CallerOptions = {},
): Promise<BearerClaims> => {
  const token = tokenOf(deps, ctx)
  const result = await judge(deps, token, now, accept)
  // Where more is taken than authenticates elsewhere, the refusal names what the settings name.
  const shown = deps.tokens.issuer.accepted
  switch (result.outcome) {
    case 'authenticated':
      note(deps, ctx, result.claims)
      return result.claims
    case 'revoked':
      await onRevoked(result.claims, result.sessionDead)
      // Another issuer's `sub` may be spelled like one of ours and is somebody else.
      if (result.sessionDead && deps.tokens.issuer.isOwn(result.claims)) {
        await refuseUser(deps, result.claims)
      }
      throw headerRefusal('TOKEN_REVOKED', shown, shownKind(result.claims, shown))
    case 'refused':
      throw headerRefusal(codeOfProblem[result.problem], shown)
  }
}
