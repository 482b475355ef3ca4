import type { Context } from 'koa'
import { onAnswerOver } from '../../../../shared/kernel/answer-end.ts'
import { AuthError, isAuthError } from '../../../../shared/kernel/errors.ts'
import type { EpochMs } from '../../../../shared/kernel/ids.ts'
import { bearerKinds } from '../../../../shared/tokens/claims.ts'
import { callerOf } from '../../http/caller.ts'
import { requestOrigin } from '../../http/request-origin.ts'
import type { Delivery } from '../../revocations/delivery.ts'
import type { RouteParts } from '../../route-parts.ts'
import { type Left, leave } from '../logout.ts'
import { type PresentedTokens, presentedTokens } from '../tokens-in-request.ts'

/**
 * `Revocation-Status` says whether the log has it already; `Revocation-Position` is what doors can
 * wait for.
 */
export const setDelivery = (ctx: Context, { status, position }: Delivery): void => {
  ctx.set('Revocation-Status', status)
  if (position !== null) ctx.set('Revocation-Position', position)
}

/** Why nobody was logged out: what is wrong with the token that authenticates, else the refresh. */
const refusalOf = async (
  parts: RouteParts,
  ctx: Context,
  { hasBearer, refreshProblem }: PresentedTokens,
  { left, arrival }: Readonly<{ left: Exclude<Left, { outcome: 'left' }>; arrival: EpochMs }>,
): Promise<unknown> => {
  if (left.outcome === 'mixed') return new AuthError('TOKEN_INVALID', 'tokens of two subjects')
  if (left.reused) return new AuthError('TOKEN_REUSED', 'reused')
  if (hasBearer) {
    const thrown = await callerOf(parts, ctx, arrival, { accept: bearerKinds }).then(
      () => null,
      (error: unknown) => error,
    )
    // Logging out is what puts an end to cookies that came twice: it never asks for it.
    const says = thrown !== null && !isAuthError(thrown, 'COOKIE_DUPLICATED')
    if (says && !isAuthError(thrown, 'NOT_AUTHENTICATED')) return thrown
  }
  if (refreshProblem !== null) return new AuthError(refreshProblem, 'refresh token')
  return new AuthError(left.sessionDead ? 'TOKEN_REVOKED' : 'NOT_AUTHENTICATED', 'no credentials')
}

/** Not the cookies of others: the header's own `"cookies"` would take those of all subdomains. */
const forget = ({ cookies, clearsSiteData }: RouteParts, ctx: Context): void => {
  cookies.clear(ctx)
  if (clearsSiteData) ctx.set('Clear-Site-Data', '"cache", "storage"')
}

/**
 * `POST /logout`: ends every session that the request presents a token of, and clears the cookies.
 * A good refresh cookie is proof enough for its own session. With nothing valid: 401, and the
 * cookies are cleared when their session is known to be dead; its end is published first.
 */
export const logoutRoute =
  (parts: RouteParts) =>
  async (ctx: Context): Promise<void> => {
    const { storeClock, departures } = parts
    const arrival = storeClock.now()
    const origin = requestOrigin(ctx, parts.proxyHops)
    const presented = presentedTokens(parts, ctx, arrival)
    const { refresh, bearers, expired, isDuplicated } = presented
    const departing = departures.enter([...refresh, ...bearers].map(({ sid }) => sid))
    onAnswerOver(ctx.res, departing.answered)
    const left = await leave(parts, { refresh, bearers, expired, origin, arrival }, departing)
    if (left.outcome === 'left') {
      forget(parts, ctx)
      setDelivery(ctx, left.delivery)
      ctx.body = { detail: 'token blacklisted' }
      await departing.lastCall()
      return
    }
    const isOver = left.outcome === 'refused' && (left.sessionDead || isDuplicated)
    const refusal = await refusalOf(parts, ctx, presented, { left, arrival })
    ctx.remove('Set-Cookie')
    if (isOver) forget(parts, ctx)
    throw refusal
  }
