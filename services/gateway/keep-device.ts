import type { NewCommit } from '../../shared/events/commit.ts'
import type { Origin } from '../../shared/events/event.ts'
import type { EpochMs } from '../../shared/kernel/ids.ts'
import type { User } from '../../shared/ports/user-directory.ts'
import type { BearerClaims } from '../../shared/tokens/claims.ts'
import { claimsOfLogin, openFor } from './open-for.ts'
import type { GatewayParts } from './parts.ts'
import type { SessionOpener } from './session-openers.ts'

export type KeepDevice = Readonly<{
  /** The caller, authenticated before the cutoff, and the user as of then. */
  claims: BearerClaims
  user: User
  origin: Origin
  /** Taken before any read, so that what is signed never outlives a cutoff's record. */
  arrival: EpochMs
}>

/**
 * Ends every session of the user by `cut`, and gives the caller a new one whose epoch is exactly
 * that cutoff; the epoch's other elements are those that the caller's session was born under, so
 * whatever else ended meanwhile ends the new session too. When the last step fails, the user logs
 * in again: nothing lives that should not.
 * @throws AuthError CLAIMS_UNAVAILABLE before anything ended; STORE_UNAVAILABLE, STORE_CONTENDED.
 */
export const keepDevice = async <Tokens>(
  parts: GatewayParts,
  { claims, user, origin, arrival }: KeepDevice,
  opener: SessionOpener<Tokens>,
  cut: () => Promise<NewCommit>,
): Promise<Readonly<{ ended: NewCommit; tokens: Tokens }>> => {
  // Of the caller's client, which may be another one than logins are of by now.
  const ofClient = { ...parts, client: claims.client_id }
  const custom = await claimsOfLogin(ofClient, user, opener)
  const ended = await cut()
  const epoch = { ...claims.epoch, sub: ended.cutoff }
  const tokens = await openFor(ofClient, { user, epoch, origin, arrival, custom }, opener)
  return { ended, tokens }
}
