import type { NewCommit, SessionState } from '../../../shared/events/commit.ts'
import type { Origin } from '../../../shared/events/event.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { Person } from '../../../shared/ports/credentials.ts'
import { isLive } from '../../../shared/session/end-session.ts'
import type { BearerClaims } from '../../../shared/tokens/claims.ts'
import { readStanding } from '../revocations/index.ts'
import { claimsOfLogin, openSession } from './open-session.ts'
import type { SessionDeps } from './session-deps.ts'
import type { SessionOpener } from './session-openers.ts'

export type SessionReplacement = Readonly<{
  /** The caller, authenticated before the cutoff, and the user as of then. */
  claims: BearerClaims
  user: Person
  origin: Origin
  /** Taken before any read, so that what is signed never outlives a cutoff's record. */
  arrival: EpochMs
}>

export type ReplacedSession<Tokens> = Readonly<{
  ended: NewCommit
  tokens: Tokens | null
  /** Whether the cookies go with the browser, as those of before did. */
  untilClosed: boolean
}>

/**
 * The caller's session, if it stood until `ended`, and still stands but for it. Authentication was
 * a while ago: what was acknowledged since (everything of the user, a role taken away, this session
 * alone) would be undone by a new session whose epoch is above it.
 */
const stoodUntil = async (
  { context: { store } }: SessionDeps,
  { sid, sub, client_id: client, jti, epoch }: BearerClaims,
  { id, cutoff }: NewCommit,
): Promise<SessionState | null> => {
  const [{ newest, tokenEnded }, [before = null]] = await Promise.all([
    readStanding(store, { sid, sub, client, jti }),
    cutoff === 0 ? [] : store.read(id.s, cutoff - 1, 1),
  ])
  if (!isLive(newest) || tokenEnded) return null
  // One that was pruned is not known to have ended nothing.
  const stood = cutoff === 0 || (before?.id.v === cutoff - 1 && before.cutoff <= epoch.sub)
  return stood ? newest.session : null
}

/**
 * Ends every session of the user by `cut`, and gives the caller a new one whose epoch is exactly
 * that cutoff; the epoch's other elements are those that the caller's session was born under, so
 * whatever else ended meanwhile ends the new session too. When the caller's session ended before
 * the cutoff, or the last step fails, there are no tokens, and the user logs in again: nothing
 * lives that should not.
 * @throws AuthError CLAIMS_UNAVAILABLE before anything ended, and what `cut` throws.
 */
export const replaceSession = async <Tokens>(
  deps: SessionDeps,
  { claims, user, origin, arrival }: SessionReplacement,
  opener: SessionOpener<Tokens>,
  cut: () => Promise<NewCommit>,
): Promise<ReplacedSession<Tokens>> => {
  const who = { user, client: claims.client_id }
  const custom = await claimsOfLogin(deps, who, opener)
  const ended = await cut()
  const epoch = { ...claims.epoch, sub: ended.cutoff }
  try {
    const before = await stoodUntil(deps, claims, ended)
    if (before === null) return { ended, tokens: null, untilClosed: false }
    const untilClosed = before.untilClosed ?? false
    const opening = { ...who, epoch, origin, arrival, custom, untilClosed }
    return { ended, tokens: await openSession(deps, opening, opener), untilClosed }
  } catch (error) {
    // The cutoff stands, and a password may have changed: a 503 would ask for it once more.
    deps.context.logger.warn({ error: error as Error, sub: user.sub }, 'a device was not kept')
    return { ended, tokens: null, untilClosed: false }
  }
}
