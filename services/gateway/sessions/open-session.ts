import type { Epoch } from '../../../shared/events/commit.ts'
import { gatewayActor, type Origin } from '../../../shared/events/event.ts'
import { newClaim, newSessionId } from '../../../shared/kernel/entropy.ts'
import type { ClientId, EpochMs, SessionId } from '../../../shared/kernel/ids.ts'
import type { Person } from '../../../shared/ports/credentials.ts'
import { appendOptimistically } from '../publication/index.ts'
import { appendSessionEnd } from '../revocations/index.ts'
import { type CustomClaims, hookRequest } from '../tokens/index.ts'
import { type BrowserTokens, endReplacedSessions, noTokens } from './end-replaced-sessions.ts'
import type { SessionDeps } from './session-deps.ts'
import { countSession, endOldest } from './session-limit.ts'
import type { SessionOpener } from './session-openers.ts'

export type SessionOpening = Readonly<{
  user: Person
  client: ClientId
  /** The cutoffs as read before the user's password was looked at. */
  epoch: Epoch
  origin: Origin
  arrival: EpochMs
  custom: CustomClaims
  /** Whether its cookies go with the browser. */
  untilClosed?: boolean
  /** What the browser held: these sessions end, and count no more. */
  replaced?: BrowserTokens
}>

/**
 * What the hook adds to tokens of a login.
 * @throws AuthError CLAIMS_UNAVAILABLE, CLAIMS_TOO_LARGE, OVERLOADED.
 */
export const claimsOfLogin = (
  { tokens: { hook } }: SessionDeps,
  { user, client }: Pick<SessionOpening, 'user' | 'client'>,
  { kind }: SessionOpener<unknown>,
): Promise<CustomClaims> =>
  hook.claims(hookRequest(user, { client, on: 'login', kind, previous: null }))

/** Nobody gets its tokens. As good as it goes: the store may be what failed. */
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
 * Opens a session for a user who was authenticated: its first commit, and its tokens. The sessions
 * that the browser presented end, and where there are too many of that user then, the oldest. What
 * fails before that ends nothing, and whatever fails takes the new session back.
 */
export const openSession = async <Tokens>(
  deps: SessionDeps,
  {
    user,
    client,
    epoch,
    origin,
    arrival,
    custom,
    untilClosed = false,
    replaced = noTokens,
  }: SessionOpening,
  opener: SessionOpener<Tokens>,
): Promise<Tokens> => {
  const {
    context: { entropy, storeClock },
  } = deps
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
  }
  const told = { userId: user[deps.tokens.userIdField], roles: user.roles, custom }
  const { commit, tokens } = opener.open(deps, opening, told)
  await appendOptimistically(deps, async () => ({ insert: commit, onInserted: () => undefined }))
  deps.publisher.enqueue(commit)
  const opened = { sub: user.sub, sid: opening.sid, origin }
  try {
    const counted = await countSession(deps, opened)
    await endReplacedSessions(deps, replaced, { sub: user.sub, origin, arrival })
    await endOldest(deps, opened, counted)
    return tokens
  } catch (error) {
    await endFailedLogin(deps, opening.sid, origin)
    throw error
  }
}
