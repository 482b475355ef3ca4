import type { NewCommit } from '../../shared/events/commit.ts'
import { event, type Origin } from '../../shared/events/event.ts'
import { newClaim } from '../../shared/kernel/entropy.ts'
import { type EpochMs, type TokenId, tokenStream } from '../../shared/kernel/ids.ts'
import { commit } from '../../shared/session/commit.ts'
import { contend, type Move } from './append.ts'
import type { Appending } from './cut-off.ts'

const keptMs = 86_400_000

/** One access token, and until when its end must be remembered. */
export type EndedToken = Readonly<{ jti: TokenId; expiresAt: EpochMs }>

/** Ends one access token, on a stream of its own; naming it twice changes nothing. */
export const appendTokenEnd = async (
  parts: Appending,
  token: EndedToken,
  origin: Origin,
): Promise<NewCommit> => {
  const { store, storeClock, entropy } = parts
  const claim = newClaim(entropy)
  const stream = tokenStream(token.jti)
  return contend(parts, async (): Promise<Move<NewCommit>> => {
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
}
