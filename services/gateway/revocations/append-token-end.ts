import type { NewCommit } from '../../../shared/events/commit.ts'
import { event, type Origin } from '../../../shared/events/event.ts'
import { newClaim } from '../../../shared/kernel/entropy.ts'
import { type EpochMs, type TokenId, tokenStream } from '../../../shared/kernel/ids.ts'
import { completeCommit } from '../../../shared/session/complete-commit.ts'
import { appendOptimistically, type Decision } from '../publication/index.ts'
import type { CutoffDeps } from './append-cutoff.ts'

const keptMs = 86_400_000

/** A token to end, and until when readers of the log must remember that. */
export type EndedToken = Readonly<{ jti: TokenId; expiresAt: EpochMs }>

/** Until when this commit makes readers of the log remember the token's end. */
const rememberedUntil = ({ events }: NewCommit): number => {
  const [revoked] = events
  return revoked?.type === 'TokenRevoked' ? revoked.data.expiresAt : 0
}

/**
 * Ends one token, by a commit on the token's own stream. If it is ended again with a later expiry,
 * a second commit says so: another issuer may give the same id to a second token. The stream
 * outlives every token of a session, since the id may be that of a refresh token.
 */
export const appendTokenEnd = async (
  deps: CutoffDeps,
  token: EndedToken,
  origin: Origin,
): Promise<NewCommit> => {
  const { policy } = deps
  const { store, storeClock, entropy } = deps.context
  const claim = newClaim(entropy)
  const stream = tokenStream(token.jti)
  return appendOptimistically(deps, async (): Promise<Decision<NewCommit>> => {
    const [newest = null] = await store.heads([stream])
    if (newest && rememberedUntil(newest) >= token.expiresAt) return { result: newest }
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
      actor: deps.context.act().actor,
      ...origin,
    })
    const until = Math.max(token.expiresAt, now + policy.sessionMaxLifetimeMs)
    const expiresAt = (until + keptMs) as EpochMs
    const id = { s: stream, v: (newest?.id.v ?? -1) + 1 }
    const end = completeCommit({ id, at: now, events: [revoked], claim, expiresAt })
    return { insert: end, onInserted: (appended) => appended }
  })
}
