import type { Context } from 'koa'
import type { NewCommit } from '../../../shared/events/commit.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { Person } from '../accounts/index.ts'
import { cameInHeader, requestOrigin } from '../http/index.ts'
import { replaceSession } from './replace-session.ts'
import type { SessionRouteDeps } from './session-deps.ts'
import { openPair, openSlidingToken } from './session-openers.ts'

/** For the body of a caller without cookies; nothing for a browser, whose cookies are set. */
export type KeptTokens = Readonly<{ access?: string; refresh?: string; token?: string }>
export type Kept = Readonly<{ ended: NewCommit; tokens: KeptTokens }>

/**
 * `keepDevice` in the mode that the request came in: a token in the header is answered in the body,
 * a cookie by cookies. A sliding caller gets a sliding token.
 */
export const keepThisDevice = async (
  deps: SessionRouteDeps,
  ctx: Context,
  { claims, user }: Person,
  { arrival, cut }: Readonly<{ arrival: EpochMs; cut: () => Promise<NewCommit> }>,
): Promise<Kept> => {
  const {
    http: { cookies, proxyHops },
  } = deps
  const caller = { claims, user, origin: requestOrigin(ctx, proxyHops), arrival }
  const isBody = cameInHeader(deps.http, ctx)
  const notKept = (ended: NewCommit): Kept => {
    if (!isBody) cookies.clear(ctx)
    return { ended, tokens: {} }
  }
  if (claims.token_type === 'sliding') {
    const kept = await replaceSession(deps, caller, openSlidingToken, cut)
    const { ended, tokens, untilClosed } = kept
    if (tokens === null) return notKept(ended)
    if (isBody) return { ended, tokens: { token: tokens.token } }
    cookies.clearRefresh(ctx)
    cookies.setAccess(ctx, tokens, { now: arrival, untilClosed })
    return { ended, tokens: {} }
  }
  const { ended, tokens, untilClosed } = await replaceSession(deps, caller, openPair, cut)
  if (tokens === null) return notKept(ended)
  const { access, refresh } = tokens
  if (isBody) return { ended, tokens: { access: access.token, refresh: refresh.token } }
  cookies.set(ctx, tokens, { now: arrival, untilClosed })
  return { ended, tokens: {} }
}
