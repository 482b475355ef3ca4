import type { Context } from 'koa'
import { AuthError, isAuthError } from '../../../../shared/kernel/errors.ts'
import { onResponseOver } from '../../../../shared/kernel/http/response-end.ts'
import type { EpochMs } from '../../../../shared/kernel/ids.ts'
import { bearerKinds } from '../../../../shared/tokens/claims.ts'
import { callerOf } from '../../accounts/index.ts'
import { factsOf, type Handler } from '../../http/index.ts'
import { setDeliveryHeaders } from '../../revocations/index.ts'
import { type LogoutResult, logout, type SessionRouteDeps } from '../index.ts'
import { type RequestTokens, tokensInRequest } from './request-tokens.ts'

/** Why nothing ended: the problem of the access or sliding token, else of the refresh token. */
const refusalOf = async (
  deps: SessionRouteDeps,
  ctx: Context,
  { hasBearer, refreshProblem }: RequestTokens,
  {
    result,
    arrival,
  }: Readonly<{ result: Exclude<LogoutResult, { outcome: 'logged_out' }>; arrival: EpochMs }>,
): Promise<unknown> => {
  if (result.outcome === 'other_user')
    return new AuthError('TOKEN_INVALID', 'tokens of two subjects')
  if (result.reused) return new AuthError('TOKEN_REUSED', 'reused')
  if (hasBearer) {
    const problem = await callerOf(deps, ctx, arrival, { accept: bearerKinds }).then(
      () => null,
      (error: unknown) => error,
    )
    // A logout clears duplicated cookies, so it does not refuse them.
    const isTokenProblem = problem !== null && !isAuthError(problem, 'COOKIE_DUPLICATED')
    if (isTokenProblem && !isAuthError(problem, 'NOT_AUTHENTICATED')) return problem
  }
  if (refreshProblem !== null) return new AuthError(refreshProblem, 'refresh token')
  return new AuthError(result.sessionDead ? 'TOKEN_REVOKED' : 'NOT_AUTHENTICATED', 'no credentials')
}

/**
 * Clears Curfew's cookies one by one: the value `"cookies"` of `Clear-Site-Data` would clear those
 * of all subdomains.
 */
const clearBrowser = (
  { http: { cookies, clearsSiteData } }: SessionRouteDeps,
  ctx: Context,
): void => {
  cookies.clear(ctx)
  if (clearsSiteData) ctx.set('Clear-Site-Data', '"cache", "storage"')
}

/**
 * `POST /logout`: ends every session of which the request carries a token, and clears the cookies.
 * A refresh cookie that may still rotate is enough for its own session. With no valid token the
 * answer is 401; if the session of the cookies is known to be dead, its end is published and the
 * cookies are cleared.
 */
export const logoutRoute: Handler<SessionRouteDeps> = (deps) => async (ctx) => {
  const { storeClock } = deps.context
  const { logoutsInFlight } = deps.sessions
  const arrival = storeClock.now()
  const origin = factsOf(ctx).origin
  const fromRequest = tokensInRequest(deps, ctx, arrival)
  const { refresh, bearers, isDuplicated } = fromRequest
  const logoutInFlight = logoutsInFlight.enter([...refresh, ...bearers].map(({ sid }) => sid))
  onResponseOver(ctx.res, logoutInFlight.answered)
  const result = await logout(deps, { ...fromRequest, origin, arrival }, logoutInFlight)
  if (result.outcome === 'logged_out') {
    clearBrowser(deps, ctx)
    setDeliveryHeaders(ctx, result.delivery)
    ctx.body = { detail: 'token blacklisted' }
    await logoutInFlight.untilQuiet()
    return
  }
  const isSessionDead = result.outcome === 'refused' && (result.sessionDead || isDuplicated)
  const refusal = await refusalOf(deps, ctx, fromRequest, { result, arrival })
  ctx.remove('Set-Cookie')
  if (isSessionDead) clearBrowser(deps, ctx)
  throw refusal
}
