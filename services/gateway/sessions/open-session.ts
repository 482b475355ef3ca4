import type { Epoch } from '../../../shared/events/commit.ts'
import { gatewayActor, type Origin } from '../../../shared/events/event.ts'
import { newClaim, newSessionId } from '../../../shared/kernel/entropy.ts'
import type { ClientId, EpochMs, SessionId } from '../../../shared/kernel/ids.ts'
import type { Person } from '../../../shared/ports/credentials.ts'
import type { GatewayParts } from '../parts.ts'
import { contend } from '../publication/optimistic-append.ts'
import { appendSessionEnd } from '../revocations/end-session.ts'
import { type CustomClaims, hookRequest } from '../tokens/claims-hook.ts'
import { endPresented, nothingPresented, type Presented } from './end-replaced-sessions.ts'
import { countSession, endOldest } from './session-limit.ts'
import type { SessionOpener } from './session-openers.ts'

export type OpenFor = Readonly<{
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
  presented?: Presented
}>

/**
 * What the hook adds to tokens of a login.
 * @throws AuthError CLAIMS_UNAVAILABLE, CLAIMS_TOO_LARGE, OVERLOADED.
 */
export const claimsOfLogin = (
  { hook }: GatewayParts,
  { user, client }: Pick<OpenFor, 'user' | 'client'>,
  { kind }: SessionOpener<unknown>,
): Promise<CustomClaims> =>
  hook.claims(hookRequest(user, { client, on: 'login', kind, previous: null }))

/** Nobody gets its tokens. As good as it goes: the store may be what failed. */
const takeBack = async (parts: GatewayParts, sid: SessionId, origin: Origin): Promise<void> => {
  try {
    const end = { sid, reason: 'revoked', origin, actor: gatewayActor } as const
    const commit = await appendSessionEnd(parts, end)
    if (commit && !('published' in commit)) parts.publisher.hand(commit)
  } catch (error) {
    parts.logger.warn({ error: error as Error, sid }, 'the session of a failed login was left')
  }
}

/**
 * Opens a session for a user who was authenticated: its first commit, and its tokens. The sessions
 * that the browser presented end, and where there are too many of that user then, the oldest. What
 * fails before that ends nothing, and whatever fails takes the new session back.
 */
export const openFor = async <Tokens>(
  parts: GatewayParts,
  {
    user,
    client,
    epoch,
    origin,
    arrival,
    custom,
    untilClosed = false,
    presented = nothingPresented,
  }: OpenFor,
  opener: SessionOpener<Tokens>,
): Promise<Tokens> => {
  const { entropy, storeClock } = parts
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
  const told = { userId: user[parts.userIdField], roles: user.roles, custom }
  const { commit, tokens } = opener.open(parts, opening, told)
  await contend(parts, async () => ({ insert: commit, won: () => undefined }))
  parts.publisher.hand(commit)
  const opened = { sub: user.sub, sid: opening.sid, origin }
  try {
    const counted = await countSession(parts, opened)
    await endPresented(parts, presented, { sub: user.sub, origin, arrival })
    await endOldest(parts, opened, counted)
    return tokens
  } catch (error) {
    await takeBack(parts, opening.sid, origin)
    throw error
  }
}
