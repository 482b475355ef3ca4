import type { Context } from 'koa'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EpochMs, SubjectId } from '../../../shared/kernel/ids.ts'
import type { Limited } from '../accounts/login-limits.ts'
import { standingOf } from '../accounts/user-state.ts'
import { textFields } from '../http/body.ts'
import { codeOfProblem, Refusal } from '../http/errors.ts'
import { requestOrigin } from '../http/request-origin.ts'
import type { RouteParts } from '../route-parts.ts'
import { presentedRefresh } from '../tokens/require-refresh-token.ts'
import { verifyToken } from '../tokens/verify-token.ts'
import type { Presented } from './end-replaced-sessions.ts'
import { type LoginResult, login } from './login.ts'
import { type RefreshResult, refresh } from './refresh.ts'
import type { SessionOpener } from './session-openers.ts'
import { type SlideResult, slide } from './slide.ts'

type LoggingIn<Tokens> = Readonly<{
  body: ReadonlyMap<string, unknown>
  arrival: EpochMs
  opener: SessionOpener<Tokens>
  untilClosed?: boolean
  presented?: Presented
}>

/**
 * Logs in with the body's `username` and `password`, whichever mode answers.
 * @throws AuthError CREDENTIALS_INVALID, RATE_LIMITED, and what a field at fault throws.
 */
export const presentCredentials = async <Tokens>(
  parts: RouteParts,
  ctx: Context,
  { body, arrival, opener, untilClosed = false, presented }: LoggingIn<Tokens>,
): Promise<Extract<LoginResult<Tokens>, { outcome: 'opened' }>> => {
  const { username, password } = textFields(body, 'username', 'password')
  const origin = requestOrigin(ctx, parts.proxyHops)
  const named = { username: username.trim(), password, ...(presented && { presented }) }
  const request = { ...named, origin, arrival, untilClosed }
  const result = await login(parts, request, opener)
  if (result.outcome === 'opened') return result
  if (result.outcome === 'refused') throw new AuthError('CREDENTIALS_INVALID', 'refused')
  throw throttled(result)
}

/** In the words of Django REST framework. */
export const throttled = ({
  retryAfterMs,
  limit,
  account,
  sub,
}: Limited & Readonly<{ sub: SubjectId | null }>): AuthError => {
  const seconds = Math.ceil(retryAfterMs / 1000)
  const message = `Request was throttled. Expected available in ${seconds} seconds.`
  return new AuthError('RATE_LIMITED', message, { retryAfterMs, about: { limit, account, sub } })
}

/** Why a session gave no token: for its user, where that is the reason. */
const refusalOf = async (
  parts: RouteParts,
  { sub }: Readonly<{ sub: SubjectId }>,
  sessionDead: boolean,
): Promise<AuthError> => {
  const standing = sessionDead ? await standingOf(parts, sub) : 'unknown'
  const isUser = standing === 'inactive' || standing === 'gone'
  return new AuthError(isUser ? 'ACCOUNT_INACTIVE' : 'TOKEN_REVOKED', 'refused')
}

type Refreshed = Extract<RefreshResult, { outcome: 'refreshed' }>

/**
 * Refreshes by a token, whichever mode it came in. `onDead` is called before the refusal of a
 * session that is really dead, and never for the loser of a race.
 * @throws AuthError TOKEN_*; TOKEN_SUPERSEDED within the grace once the successor was used.
 */
export const presentRefresh = async (
  parts: RouteParts,
  ctx: Context,
  token: string | null,
  { arrival, onDead }: Readonly<{ arrival: EpochMs; onDead: () => void }>,
): Promise<Refreshed> => {
  if (token === null) throw new AuthError('TOKEN_INVALID', 'no refresh token')
  const claims = presentedRefresh(parts.tokens, token, arrival)
  const origin = requestOrigin(ctx, parts.proxyHops)
  const result = await refresh(parts, { claims, token, origin, arrival })
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
      throw await refusalOf(parts, claims, result.sessionDead)
  }
}

/**
 * Renews a sliding token, whichever mode it came in. `onDead` is called before the refusal of a
 * session that is really dead.
 * @throws AuthError TOKEN_*; TOKEN_NOT_RENEWABLE past its `refresh_exp`.
 */
export const presentSliding = async (
  parts: RouteParts,
  ctx: Context,
  token: string | null,
  { arrival, onDead }: Readonly<{ arrival: EpochMs; onDead: () => void }>,
): Promise<Extract<SlideResult, { outcome: 'renewed' }>> => {
  if (token === null) throw new AuthError('TOKEN_INVALID', 'no sliding token')
  const verified = parts.tokens.verifySliding(token, arrival)
  if (!verified.ok) throw new AuthError(codeOfProblem[verified.problem], 'sliding token')
  const { claims } = verified
  if (!parts.tokens.isRenewable(claims, arrival)) {
    throw new AuthError('TOKEN_NOT_RENEWABLE', 'sliding token')
  }
  const origin = requestOrigin(ctx, parts.proxyHops)
  const result = await slide(parts, { claims, origin, arrival })
  if (result.outcome === 'renewed') return result
  if (result.outcome === 'inactive') throw new AuthError('ACCOUNT_INACTIVE', 'inactive')
  if (result.sessionDead) onDead()
  throw await refusalOf(parts, claims, result.sessionDead)
}

/**
 * Asks whether a token of any kind is good. One that ended is a 400, as Simple-JWT answers for
 * refresh tokens; here that holds for access and sliding tokens of an ended session too.
 * @throws AuthError TOKEN_*; Refusal 400.
 */
export const presentAny = async (parts: RouteParts, token: string, now: EpochMs): Promise<void> => {
  const verdict = await verifyToken(parts, token, now)
  if (verdict.outcome === 'refused') throw new AuthError(codeOfProblem[verdict.problem], 'verify')
  if (verdict.outcome === 'blacklisted') {
    throw new Refusal(400, { non_field_errors: ['Token is blacklisted'] })
  }
}
