import type { Epoch } from '../../../shared/events/commit.ts'
import { gatewayActor, type Origin } from '../../../shared/events/event.ts'
import { newClaim, newSessionId } from '../../../shared/kernel/entropy.ts'
import type { ClientId, EpochMs, SessionId } from '../../../shared/kernel/ids.ts'
import type { UserIdentity } from '../../../shared/ports/credentials.ts'
import { appendOptimistically } from '../publication/index.ts'
import { appendSessionEnd } from '../revocations/index.ts'
import { type CustomClaims, hookRequest } from '../tokens/index.ts'
import { type BrowserTokens, endReplacedSessions, noTokens } from './end-replaced-sessions.ts'
import type { SessionDeps } from './open-sessions.ts'
import { endOldestSessions, registerSession } from './session-limit.ts'
import type { SessionOpener } from './session-openers.ts'

export type SessionOpening = Readonly<{
  user: UserIdentity
  client: ClientId
  /** The cutoffs, read before the password was verified. */
  epoch: Epoch
  origin: Origin
  arrival: EpochMs
  custom: CustomClaims
  /** Whether its cookies last until the browser closes. */
  untilClosed?: boolean
  /** When the password was given, where that was not for this session. */
  authenticatedAt?: EpochMs | undefined
  /** Tokens from the cookies of the request: their sessions end, and do not count for the limit. */
  replaced?: BrowserTokens
}>

/**
 * The claims that the hook adds at a login.
 * @throws AuthError CLAIMS_UNAVAILABLE, CLAIMS_TOO_LARGE, OVERLOADED.
 */
export const customClaimsForLogin = (
  { tokens: { hook } }: SessionDeps,
  { user, client }: Pick<SessionOpening, 'user' | 'client'>,
  { kind }: SessionOpener<unknown>,
): Promise<CustomClaims> =>
  hook.claims(hookRequest(user, { client, on: 'login', kind, previous: null }))

/** Ends a session whose tokens nobody gets. Never rejects: the store may be what failed. */
const endFailedLogin = async (deps: SessionDeps, sid: SessionId, origin: Origin): Promise<void> => {
  try {
    const end = { sid, reason: 'revoked', origin, actor: gatewayActor } as const
    const commit = await appendSessionEnd(deps, end)
    if (commit && !('published' in commit)) deps.publisher.enqueue(commit)
  } catch (error) {
    deps.context.logger.warn(
      { error: error as Error, sid },
      'the session of a failed login was left',
    )
  }
}

/**
 * Opens a session for an authenticated user: signs its tokens and appends its first commit. Then it
 * ends the sessions whose cookies the request carried, and after that the oldest sessions beyond
 * the limit. If a step fails, the new session ends too and the error is thrown on.
 */
export const startSession = async <Tokens>(
  deps: SessionDeps,
  {
    user,
    client,
    epoch,
    origin,
    arrival,
    custom,
    untilClosed = false,
    authenticatedAt,
    replaced = noTokens,
  }: SessionOpening,
  opener: SessionOpener<Tokens>,
): Promise<Tokens> => {
  const { entropy, storeClock } = deps.context
  const opening = {
    sid: newSessionId(entropy),
    sub: user.sub,
    client,
    epoch,
    arrival,
    now: storeClock.now(),
    claim: newClaim(entropy),
    origin,
    untilClosed,
    ...(authenticatedAt !== undefined && { authenticatedAt }),
  }
  const loginClaims = { userId: user[deps.tokens.userIdField], roles: user.roles, custom }
  const { commit, tokens } = opener.open(deps, opening, loginClaims)
  await appendOptimistically(deps, async () => ({
    insert: commit,
    onInserted: (appended) => deps.publisher.enqueue(appended),
  }))
  const opened = { sub: user.sub, sid: opening.sid, origin }
  try {
    const alive = await registerSession(deps, opened)
    await endReplacedSessions(deps, replaced, { sub: user.sub, origin, arrival })
    await endOldestSessions(deps, opened, alive)
    return tokens
  } catch (error) {
    await endFailedLogin(deps, opening.sid, origin)
    throw error
  }
}
