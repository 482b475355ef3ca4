import type { Context } from 'koa'
import type { NewCommit, SessionState } from '../../../shared/events/commit.ts'
import type { Origin } from '../../../shared/events/event.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { UserIdentity } from '../../../shared/ports/credentials.ts'
import { isLive } from '../../../shared/session/end-session.ts'
import type { BearerClaims } from '../../../shared/tokens/claims.ts'
import type { AuthenticatedUser } from '../accounts/index.ts'
import { factsOf, hasTokenInHeader } from '../http/index.ts'
import { readSessionAndCutoffs } from '../revocations/index.ts'
import type { SessionDeps, SessionRouteDeps } from './open-sessions.ts'
import { openPair, openSlidingToken, type SessionOpener } from './session-openers.ts'
import { customClaimsForLogin, startSession } from './start-session.ts'

type SessionReplacement = Readonly<{
  /** The caller and their user, as authenticated before the cutoff. */
  claims: BearerClaims
  user: UserIdentity
  origin: Origin
  /** Taken before any read, so that no token outlives the record of a cutoff. */
  arrival: EpochMs
  /** When the password was given; absent where it came with this request. */
  authenticatedAt?: EpochMs | undefined
}>

type ReplacedSession<Tokens> = Readonly<{
  ended: NewCommit
  tokens: Tokens | null
  /** Whether the cookies last until the browser closes, as those of the old session did. */
  untilClosed: boolean
}>

/**
 * The caller's session, if nothing but the given cutoff ended it. The caller was authenticated some
 * time ago. If a revocation has been acknowledged since then (of the user, of a role, of this
 * session alone), a new session with a newer epoch would undo it.
 */
const aliveUntilCutoff = async (
  { context: { store } }: SessionDeps,
  { sid, sub, client_id: client, jti, epoch }: BearerClaims,
  { id, cutoff }: NewCommit,
): Promise<SessionState | null> => {
  const [{ newest, tokenEnded }, [before = null]] = await Promise.all([
    readSessionAndCutoffs(store, { sid, sub, client, jti }),
    cutoff === 0 ? [] : store.read(id.s, cutoff - 1, 1),
  ])
  if (!isLive(newest) || tokenEnded) return null
  // If the commit before was pruned, it may have been a cutoff as well.
  const wasAlive = cutoff === 0 || (before?.id.v === cutoff - 1 && before.cutoff <= epoch.sub)
  return wasAlive ? newest.session : null
}

/**
 * Ends every session of the user by `endSessions`, which appends a cutoff, and then opens a new
 * session for the caller. Its epoch has exactly that cutoff for the subject; the parts for the
 * client and for everyone are those of the old session, so another cutoff that came in between ends
 * the new session too. When the old session had ended before the cutoff, or opening fails, there
 * are no tokens and the user logs in again.
 * @throws AuthError CLAIMS_UNAVAILABLE before anything ended, and what `endSessions` throws.
 */
export const replaceSession = async <Tokens>(
  deps: SessionDeps,
  { claims, user, origin, arrival, authenticatedAt }: SessionReplacement,
  opener: SessionOpener<Tokens>,
  endSessions: () => Promise<NewCommit>,
): Promise<ReplacedSession<Tokens>> => {
  const userAndClient = { user, client: claims.client_id }
  const custom = await customClaimsForLogin(deps, userAndClient, opener)
  const ended = await endSessions()
  const epoch = { ...claims.epoch, sub: ended.cutoff }
  try {
    const session = await aliveUntilCutoff(deps, claims, ended)
    if (session === null) return { ended, tokens: null, untilClosed: false }
    const untilClosed = session.untilClosed ?? false
    const kept = { untilClosed, authenticatedAt }
    const opening = { ...userAndClient, epoch, origin, arrival, custom, ...kept }
    return { ended, tokens: await startSession(deps, opening, opener), untilClosed }
  } catch (error) {
    // The cutoff is appended and a password may be changed: a 503 would make the client repeat it.
    deps.context.logger.warn({ error: error as Error, sub: user.sub }, 'a device was not kept')
    return { ended, tokens: null, untilClosed: false }
  }
}

/** For the body of a caller without cookies; nothing for a browser, whose cookies are set. */
type KeptTokens = Readonly<{ access?: string; refresh?: string; token?: string }>
type DeviceKeeping = Readonly<{
  arrival: EpochMs
  endSessions: () => Promise<NewCommit>
  /** When the password was given; absent where it came with this request. */
  authenticatedAt?: EpochMs
}>
type KeptDevice = Readonly<{ ended: NewCommit; tokens: KeptTokens }>

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
