import type { NewCommit } from '../../../shared/events/commit.ts'
import { event, type Origin } from '../../../shared/events/event.ts'
import { newClaim } from '../../../shared/kernel/entropy.ts'
import { type EpochMs, type TokenId, tokenStream } from '../../../shared/kernel/ids.ts'
import { completeCommit } from '../../../shared/session/complete-commit.ts'
import { appendOptimistically, type Decision } from '../publication/index.ts'
import type { CutoffDeps } from './append-cutoff.ts'

const keptMs = 86_400_000

/** One token, and until when readers of the log must remember its end. */
export type EndedToken = Readonly<{ jti: TokenId; expiresAt: EpochMs }>

/** Until when the newest commit has readers of the log remember the token's end. */
const rememberedUntil = ({ events }: NewCommit): number => {
  const [revoked] = events
  return revoked?.type === 'TokenRevoked' ? revoked.data.expiresAt : 0
}

/**
 * Ends one token, on a stream of its own. Named again it is remembered until the greatest expiry
 * that was named: another issuer may give an id to a second token, and a second commit says so. The
 * stream outlives every token of its session: a refresh token may be named by its id, too.
 */
export const appendTokenEnd = async (
  deps: CutoffDeps,
  token: EndedToken,
  origin: Origin,
): Promise<NewCommit> => {
  const {
    context: { store, storeClock, entropy },
    policy,
  } = deps
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
    const whole = completeCommit({ id, at: now, events: [revoked], claim, expiresAt })
    return { insert: whole, onInserted: (one) => one }
  })
}
