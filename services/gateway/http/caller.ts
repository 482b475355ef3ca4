import type { Context } from 'koa'
import { AuthError, never } from '../../../shared/kernel/errors.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { BearerClaims, BearerKind } from '../../../shared/tokens/claims.ts'
import { type StandingParts, standingOf } from '../accounts/user-state.ts'
import type { GatewayParts } from '../parts.ts'
import { authenticate } from '../tokens/authenticate.ts'
import type { CookieJar } from './cookie-jar.ts'
import { codeOfProblem, headerRefusal } from './errors.ts'
import { noteCaller } from './request-facts.ts'
import { type BearerHeader, shownIn } from './token-in-request.ts'

export type CallerParts = Pick<GatewayParts, 'tokens' | 'store' | 'directory' | 'ownPeople'> &
  Readonly<{ cookies: CookieJar; bearer: BearerHeader }>

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
const tokenOf = ({ cookies, bearer }: CallerParts, ctx: Context): string => {
  const shown = shownIn({ cookies, bearer }, ctx)
  switch (shown.kind) {
    case 'token':
      return shown.token
    case 'none':
      throw new AuthError('NOT_AUTHENTICATED', 'no credentials')
    case 'bad_header':
      throw new AuthError('HEADER_INVALID', 'malformed header')
    case 'cookie_duplicated':
      return cookies.refuseDuplicated(ctx)
    default:
      return never(shown)
  }
}

const shownKind = (
  { token_type: kind }: BearerClaims,
  shown: readonly BearerKind[],
): BearerKind | undefined => (shown.includes(kind) ? kind : undefined)

/** Another issuer’s `sub` may be spelled like one of ours and is somebody else. */
const note = (
  { tokens }: Pick<CallerParts, 'tokens'>,
  ctx: Context,
  claims: BearerClaims,
): void => {
  const { sub, sid } = claims
  if (tokens.isOwn(claims)) noteCaller(ctx, { by: 'person', sub, sid, isAdministrator: false })
}

/** Says why, where the user is the reason; the caller has shown an authentic token of theirs. */
const refuseUser = async (parts: StandingParts, { sub }: BearerClaims): Promise<void> => {
  const standing = await standingOf(parts, sub)
  if (standing === 'gone') throw new AuthError('USER_NOT_FOUND', 'deleted')
  if (standing === 'inactive') throw new AuthError('USER_INACTIVE', 'disabled')
}

/**
 * Who sent this request, by the token that `shownIn` finds.
 * @throws AuthError NOT_AUTHENTICATED, HEADER_INVALID, COOKIE_DUPLICATED; Refusal 401 naming what
 * is wrong with the token.
 */
export const callerOf = async (
  parts: CallerParts,
  ctx: Context,
  now: EpochMs,
  {
    onRevoked = async () => {},
    accept = parts.tokens.accepted,
    judge = authenticate,
  }: CallerOptions = {},
): Promise<BearerClaims> => {
  const token = tokenOf(parts, ctx)
  const result = await judge(parts, token, now, accept)
  // Where more is taken than authenticates elsewhere, the refusal names what the settings name.
  const shown = parts.tokens.accepted
  switch (result.outcome) {
    case 'authenticated':
      note(parts, ctx, result.claims)
      return result.claims
    case 'revoked':
      await onRevoked(result.claims, result.sessionDead)
      // Another issuer's `sub` may be spelled like one of ours and is somebody else.
      if (result.sessionDead && parts.tokens.isOwn(result.claims)) {
        await refuseUser(parts, result.claims)
      }
      throw headerRefusal('TOKEN_REVOKED', shown, shownKind(result.claims, shown))
    case 'refused':
      throw headerRefusal(codeOfProblem[result.problem], shown)
  }
}
