import type { Context } from 'koa'
import { AuthError } from '../../../../shared/kernel/errors.ts'
import type { EpochMs, SubjectId } from '../../../../shared/kernel/ids.ts'
import { throttled, userStateOf } from '../../accounts/index.ts'
import { codeOfProblem, Refusal, requestOrigin, textFields } from '../../http/index.ts'
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

type LoggingIn<Tokens> = Readonly<{
  body: ReadonlyMap<string, unknown>
  arrival: EpochMs
  opener: SessionOpener<Tokens>
  untilClosed?: boolean
  replaced?: BrowserTokens
}>

/**
 * Logs in with the body's `username` and `password`, whichever mode answers.
 * @throws AuthError CREDENTIALS_INVALID, RATE_LIMITED, and what a field at fault throws.
 */
export const loginFromRequest = async <Tokens>(
  deps: SessionRouteDeps,
  ctx: Context,
  { body, arrival, opener, untilClosed = false, replaced }: LoggingIn<Tokens>,
): Promise<Extract<LoginResult<Tokens>, { outcome: 'opened' }>> => {
  const { username, password } = textFields(body, 'username', 'password')
  const origin = requestOrigin(ctx, deps.http.proxyHops)
  const named = { username: username.trim(), password, ...(replaced && { replaced }) }
  const request = { ...named, origin, arrival, untilClosed }
  const result = await login(deps, request, opener)
  if (result.outcome === 'opened') return result
  if (result.outcome === 'refused') throw new AuthError('CREDENTIALS_INVALID', 'refused')
  throw throttled(result)
}

/** Why a session gave no token: for its user, where that is the reason. */
const refusalOf = async (
  deps: SessionRouteDeps,
  { sub }: Readonly<{ sub: SubjectId }>,
  sessionDead: boolean,
): Promise<AuthError> => {
  const standing = sessionDead ? await userStateOf(deps, sub) : 'unknown'
  const isUser = standing === 'inactive' || standing === 'gone'
  return new AuthError(isUser ? 'ACCOUNT_INACTIVE' : 'TOKEN_REVOKED', 'refused')
}

type Refreshed = Extract<RefreshResult, { outcome: 'refreshed' }>

/**
 * Refreshes by a token, whichever mode it came in. `onDead` is called before the refusal of a
 * session that is really dead, and never for the loser of a race.
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
  const origin = requestOrigin(ctx, deps.http.proxyHops)
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
 * Renews a sliding token, whichever mode it came in. `onDead` is called before the refusal of a
 * session that is really dead.
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
  const origin = requestOrigin(ctx, deps.http.proxyHops)
  const result = await slide(deps, { claims, origin, arrival })
  if (result.outcome === 'renewed') return result
  if (result.outcome === 'inactive') throw new AuthError('ACCOUNT_INACTIVE', 'inactive')
  if (result.sessionDead) onDead()
  throw await refusalOf(deps, claims, result.sessionDead)
}

/**
 * Asks whether a token of any kind is good. One that ended is a 400, as Simple-JWT answers for
 * refresh tokens; here that holds for access and sliding tokens of an ended session too.
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
