import type { Context } from 'koa'
import { AuthError } from '../../../../shared/kernel/errors.ts'
import type { EpochMs, SubjectId } from '../../../../shared/kernel/ids.ts'
import { rateLimited, userStateOf } from '../../accounts/index.ts'
import { codeOfProblem, factsOf, Refusal, textFields } from '../../http/index.ts'
import { requireRefreshToken, verifyToken } from '../../tokens/index.ts'
import {
  type BrowserTokens,
  type LoginResult,
  login,
  type RefreshResult,
  refresh,
  type SessionOpener,
  type SessionRouteDeps,
  type SlideResult,
  slide,
} from '../index.ts'

type LoginOptions<Tokens> = Readonly<{
  body: ReadonlyMap<string, unknown>
  arrival: EpochMs
  opener: SessionOpener<Tokens>
  untilClosed?: boolean
  replaced?: BrowserTokens
}>

/**
 * Logs in with `username` and `password` of the body; the same in cookie mode and in body mode.
 * @throws AuthError CREDENTIALS_INVALID, RATE_LIMITED, and what a field at fault throws.
 */
export const loginFromRequest = async <Tokens>(
  deps: SessionRouteDeps,
  ctx: Context,
  { body, arrival, opener, untilClosed = false, replaced }: LoginOptions<Tokens>,
): Promise<Extract<LoginResult<Tokens>, { outcome: 'opened' }>> => {
  const { username, password } = textFields(body, 'username', 'password')
  const origin = factsOf(ctx).origin
  const credentials = { username: username.trim(), password }
  const request = { ...credentials, origin, arrival, untilClosed, ...(replaced && { replaced }) }
  const result = await login(deps, request, opener)
  if (result.outcome === 'opened') return result
  if (result.outcome === 'refused') throw new AuthError('CREDENTIALS_INVALID', 'refused')
  throw rateLimited(result)
}

/** The error of a refused refresh: ACCOUNT_INACTIVE where the user is the reason. */
const refusalOf = async (
  deps: SessionRouteDeps,
  { sub }: Readonly<{ sub: SubjectId }>,
  sessionDead: boolean,
): Promise<AuthError> => {
  const userState = sessionDead ? await userStateOf(deps, sub) : 'unknown'
  const isUserAtFault = userState === 'inactive' || userState === 'deleted'
  return new AuthError(isUserAtFault ? 'ACCOUNT_INACTIVE' : 'TOKEN_REVOKED', 'refused')
}

type Refreshed = Extract<RefreshResult, { outcome: 'refreshed' }>

/**
 * Refreshes with a refresh token; the same in cookie mode and in body mode. Calls `onDead` before
 * it refuses a session that is really dead, and never for a request that lost a race.
 * @throws AuthError TOKEN_*; TOKEN_SUPERSEDED within the grace once the successor was used.
 */
export const refreshFromRequest = async (
  deps: SessionRouteDeps,
  ctx: Context,
  token: string | null,
  { arrival, onDead }: Readonly<{ arrival: EpochMs; onDead: () => void }>,
): Promise<Refreshed> => {
  if (token === null) throw new AuthError('TOKEN_INVALID', 'no refresh token')
  const claims = requireRefreshToken(deps.tokens.issuer, token, arrival)
  const origin = factsOf(ctx).origin
  const result = await refresh(deps, { claims, token, origin, arrival })
  switch (result.outcome) {
    case 'refreshed':
      return result
    case 'superseded':
      throw new AuthError('TOKEN_SUPERSEDED', 'superseded')
    case 'inactive':
      throw new AuthError('ACCOUNT_INACTIVE', 'inactive')
    case 'reused':
      onDead()
      throw new AuthError('TOKEN_REUSED', 'reused')
    case 'refused':
      if (result.sessionDead) onDead()
      throw await refusalOf(deps, claims, result.sessionDead)
  }
}

/**
 * Renews a sliding token; the same in cookie mode and in body mode. Calls `onDead` before it
 * refuses a session that is really dead.
 * @throws AuthError TOKEN_*; TOKEN_NOT_RENEWABLE past its `refresh_exp`.
 */
export const slideFromRequest = async (
  deps: SessionRouteDeps,
  ctx: Context,
  token: string | null,
  { arrival, onDead }: Readonly<{ arrival: EpochMs; onDead: () => void }>,
): Promise<Extract<SlideResult, { outcome: 'renewed' }>> => {
  if (token === null) throw new AuthError('TOKEN_INVALID', 'no sliding token')
  const verified = deps.tokens.issuer.verifySliding(token, arrival)
  if (!verified.ok) throw new AuthError(codeOfProblem[verified.problem], 'sliding token')
  const { claims } = verified
  if (!deps.tokens.issuer.isRenewable(claims, arrival)) {
    throw new AuthError('TOKEN_NOT_RENEWABLE', 'sliding token')
  }
  const origin = factsOf(ctx).origin
  const result = await slide(deps, { claims, origin, arrival })
  if (result.outcome === 'renewed') return result
  if (result.outcome === 'inactive') throw new AuthError('ACCOUNT_INACTIVE', 'inactive')
  if (result.sessionDead) onDead()
  throw await refusalOf(deps, claims, result.sessionDead)
}

/**
 * Whether a token of any kind is good. One whose session ended is a 400, as Simple-JWT answers for
 * refresh tokens; here that holds for access and sliding tokens too.
 * @throws AuthError TOKEN_*; Refusal 400.
 */
export const verifyFromRequest = async (
  deps: SessionRouteDeps,
  token: string,
  now: EpochMs,
): Promise<void> => {
  const verdict = await verifyToken(deps, token, now)
  if (verdict.outcome === 'refused') throw new AuthError(codeOfProblem[verdict.problem], 'verify')
  if (verdict.outcome === 'blacklisted') {
    throw new Refusal(400, { non_field_errors: ['Token is blacklisted'] })
  }
}
