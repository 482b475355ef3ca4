import type { NewCommit } from '../../shared/events/commit.ts'
import { event, type Origin } from '../../shared/events/event.ts'
import { newClaim } from '../../shared/kernel/entropy.ts'
import { type EpochMs, type TokenId, tokenStream } from '../../shared/kernel/ids.ts'
import { commit } from '../../shared/session/commit.ts'
import { contend, type Move } from './append.ts'
import type { GatewayParts } from './parts.ts'
import { type Delivery, deliver } from './revocation.ts'

const keptMs = 86_400_000

/** Ends one access token, on a stream of its own; naming it twice changes nothing. */
export const endToken = async (
  parts: GatewayParts,
  token: Readonly<{ jti: TokenId; expiresAt: EpochMs }>,
  origin: Origin,
): Promise<Delivery> => {
  const { store, storeClock, entropy } = parts
  const claim = newClaim(entropy)
  const stream = tokenStream(token.jti)
  const made = await contend(parts, async (): Promise<Move<NewCommit>> => {
    const [newest = null] = await store.heads([stream])
    if (newest) return { result: newest }
    const now = storeClock.now()
    const revoked = event('TokenRevoked', {
      scope: 'token',
      key: `jti:${token.jti}`,
      reason: 'revoked',
      cutoff: null,
      sub: null,
      sid: null,
      revokedAt: now,
      expiresAt: token.expiresAt,
      refresh: null,
      ...origin,
    })
    const expiresAt = (token.expiresAt + keptMs) as EpochMs
    const whole = commit({ id: { s: stream, v: 0 }, at: now, events: [revoked], claim, expiresAt })
    return { insert: whole, won: (one) => one }
  })
  return deliver(parts, made)
}
