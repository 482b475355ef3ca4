import type { Context } from 'koa'
import { AuthError, isAuthError } from '../../../../shared/kernel/errors.ts'
import { onResponseOver } from '../../../../shared/kernel/http/response-end.ts'
import type { EpochMs } from '../../../../shared/kernel/ids.ts'
import { bearerKinds } from '../../../../shared/tokens/claims.ts'
import { callerOf } from '../../accounts/index.ts'
import { requestOrigin } from '../../http/index.ts'
import { setDelivery } from '../../revocations/index.ts'
import { type LogoutResult, logout, type SessionRouteDeps } from '../index.ts'
import { type RequestTokens, tokensInRequest } from './tokens-in-request.ts'

/** Why nobody was logged out: what is wrong with the token that authenticates, else the refresh. */
const refusalOf = async (
  deps: SessionRouteDeps,
  ctx: Context,
  { hasBearer, refreshProblem }: RequestTokens,
  {
    left,
    arrival,
  }: Readonly<{ left: Exclude<LogoutResult, { outcome: 'left' }>; arrival: EpochMs }>,
): Promise<unknown> => {
  if (left.outcome === 'mixed') return new AuthError('TOKEN_INVALID', 'tokens of two subjects')
  if (left.reused) return new AuthError('TOKEN_REUSED', 'reused')
  if (hasBearer) {
    const thrown = await callerOf(deps, ctx, arrival, { accept: bearerKinds }).then(
      () => null,
      (error: unknown) => error,
    )
    // Logging out is what puts an end to cookies that came twice: it assertNever asks for it.
    const says = thrown !== null && !isAuthError(thrown, 'COOKIE_DUPLICATED')
    if (says && !isAuthError(thrown, 'NOT_AUTHENTICATED')) return thrown
  }
  if (refreshProblem !== null) return new AuthError(refreshProblem, 'refresh token')
  return new AuthError(left.sessionDead ? 'TOKEN_REVOKED' : 'NOT_AUTHENTICATED', 'no credentials')
}

/** Not the cookies of others: the header's own `"cookies"` would take those of all subdomains. */
const forget = ({ http: { cookies, clearsSiteData } }: SessionRouteDeps, ctx: Context): void => {
  cookies.clear(ctx)
  if (clearsSiteData) ctx.set('Clear-Site-Data', '"cache", "storage"')
}

/**
 * `POST /logout`: ends every session that the request presents a token of, and clears the cookies.
 * A good refresh cookie is proof enough for its own session. With nothing valid: 401, and the
 * cookies are cleared when their session is known to be dead; its end is published first.
 */
export const logoutRoute =
  (deps: SessionRouteDeps) =>
  async (ctx: Context): Promise<void> => {
    const {
      context: { storeClock },
      sessions: { logoutsInFlight },
    } = deps
    const arrival = storeClock.now()
    const origin = requestOrigin(ctx, deps.http.proxyHops)
    const presented = tokensInRequest(deps, ctx, arrival)
    const { refresh, bearers, expired, isDuplicated } = presented
    const departing = logoutsInFlight.enter([...refresh, ...bearers].map(({ sid }) => sid))
    onResponseOver(ctx.res, departing.answered)
    const left = await logout(deps, { refresh, bearers, expired, origin, arrival }, departing)
    if (left.outcome === 'left') {
      forget(deps, ctx)
      setDelivery(ctx, left.delivery)
      ctx.body = { detail: 'token blacklisted' }
      await departing.lastCall()
      return
    }
    const isOver = left.outcome === 'refused' && (left.sessionDead || isDuplicated)
    const refusal = await refusalOf(deps, ctx, presented, { left, arrival })
    ctx.remove('Set-Cookie')
    if (isOver) forget(deps, ctx)
    throw refusal
  }
