import type { Epoch } from '../../shared/events/commit.ts'
import type { Origin } from '../../shared/events/event.ts'
import { newClaim, newSessionId } from '../../shared/kernel/entropy.ts'
import type { ClientId, EpochMs } from '../../shared/kernel/ids.ts'
import type { Person } from '../../shared/ports/credentials.ts'
import { contend } from './append.ts'
import { type CustomClaims, hookRequest } from './claims-hook.ts'
import type { GatewayParts } from './parts.ts'
import { keepWithinLimit } from './session-limit.ts'
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

/**
 * Opens a session for a user who was authenticated: its first commit, and its tokens. Where there
 * are too many of that user then, the oldest end.
 */
export const openFor = async <Tokens>(
  parts: GatewayParts,
  { user, client, epoch, origin, arrival, custom, untilClosed = false }: OpenFor,
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
  await keepWithinLimit(parts, { sub: user.sub, sid: opening.sid, origin })
  return tokens
}
