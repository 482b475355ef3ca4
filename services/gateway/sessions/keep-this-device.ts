import type { Context } from 'koa'
import type { NewCommit } from '../../../shared/events/commit.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { AuthenticatedUser } from '../accounts/index.ts'
import { factsOf, hasTokenInHeader } from '../http/index.ts'
import type { SessionRouteDeps } from './open-sessions.ts'
import { replaceSession } from './replace-session.ts'
import { openPair, openSlidingToken } from './session-openers.ts'

/** For the body of a caller without cookies; nothing for a browser, whose cookies are set. */
export type KeptTokens = Readonly<{ access?: string; refresh?: string; token?: string }>
type DeviceKeeping = Readonly<{
  arrival: EpochMs
  endSessions: () => Promise<NewCommit>
  /** When the password was given; absent where it came with this request. */
  authenticatedAt?: EpochMs
}>
export type KeptDevice = Readonly<{ ended: NewCommit; tokens: KeptTokens }>

/**
 * `replaceSession` in the mode of the request: a caller who sent a token in the header gets tokens
 * in the body, one who sent cookies gets cookies. A sliding token is replaced by a sliding token.
 */
export const keepThisDevice = async (
  deps: SessionRouteDeps,
  ctx: Context,
  { claims, user }: AuthenticatedUser,
  { arrival, endSessions, authenticatedAt }: DeviceKeeping,
): Promise<KeptDevice> => {
  const { cookies } = deps.http
  const caller = { claims, user, origin: factsOf(ctx).origin, arrival, authenticatedAt }
  const isBody = hasTokenInHeader(deps.http, ctx)
  const withoutSession = (ended: NewCommit): KeptDevice => {
    if (!isBody) cookies.clear(ctx)
    return { ended, tokens: {} }
  }
  if (claims.token_type === 'sliding') {
    const replaced = await replaceSession(deps, caller, openSlidingToken, endSessions)
    const { ended, tokens, untilClosed } = replaced
    if (tokens === null) return withoutSession(ended)
    if (isBody) return { ended, tokens: { token: tokens.token } }
    cookies.clearRefresh(ctx)
    cookies.setAccess(ctx, tokens, { now: arrival, untilClosed })
    return { ended, tokens: {} }
  }
  const { ended, tokens, untilClosed } = await replaceSession(deps, caller, openPair, endSessions)
  if (tokens === null) return withoutSession(ended)
  const { access, refresh } = tokens
  if (isBody) return { ended, tokens: { access: access.token, refresh: refresh.token } }
  cookies.set(ctx, tokens, { now: arrival, untilClosed })
  return { ended, tokens: {} }
}
