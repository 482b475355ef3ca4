import type { Clock } from '../kernel/clock.ts'
import { parsePosition } from '../kernel/revocation-position.ts'
import type { BearerClaims } from '../tokens/claims.ts'
import {
  type CheckOptions,
  type OnStale,
  refused,
  unavailable,
  type Verdict,
} from './api/verdict.ts'
import type { FeedReader } from './feed/index.ts'
import { hasReached, type Instant, instantOf, type PositionWaits } from './freshness/index.ts'
import type { IntrospectionClient } from './introspection/index.ts'
import type { LocalCheck } from './verification/index.ts'

export type TokenJudgeParts = Readonly<{
  local: LocalCheck
  reader: Pick<FeedReader, 'progress' | 'freshness'>
  introspection: IntrospectionClient
  waits: PositionWaits
  clock: Clock
  maxClockErrorMs: number
  /** The guard's own policy. */
  onStale: OnStale
  isFresh: () => boolean
}>

/** Judges tokens by what is known here, and by the gateway where that is not enough. */
export class TokenJudge {
  readonly #parts: TokenJudgeParts

  constructor(parts: TokenJudgeParts) {
    this.#parts = parts
  }

  /** As `judge`, which it spares nearly every request; `null` where it takes a wait. */
  atOnce(token: string, { minPosition }: CheckOptions): Verdict | null {
    const { local, isFresh } = this.#parts
    return minPosition === undefined && isFresh() ? local.atOnce(token) : null
  }

  /** Never rejects. */
  async judge(token: string, { minPosition, onStale }: CheckOptions): Promise<Verdict> {
    const { clock, maxClockErrorMs, local, reader, waits, introspection, isFresh } = this.#parts
    const arrived = instantOf(clock)
    const position = minPosition === undefined ? null : parsePosition(minPosition)
    if (minPosition !== undefined && position === null) {
      return { outcome: 'misasked', reason: 'position_malformed' }
    }
    // Before the wait too: a dead session's token holds no request.
    let known = await local.check(token)
    if (known.outcome !== 'accepted') return known
    const policy = onStale ?? this.#parts.onStale
    if (position !== null) {
      const isReached = (): boolean =>
        hasReached(reader.progress, {
          position,
          at: arrived.wallMs,
          now: clock.now(),
          maxClockErrorMs,
        })
      const reached = await waits.waitUntil(isReached)
      // Whatever the policy, no blind yes: who names a position has seen more than this guard.
      if (!reached && introspection.isAvailable && policy !== 'deny') {
        return this.#judgeByIntrospection(token, known.claims, arrived)
      }
      if (!reached) return unavailable('position_not_reached')
      known = await local.check(token)
      if (known.outcome !== 'accepted') return known
    }
    return isFresh() ? known : this.#judgeStale(token, known.claims, policy)
  }

  async #judgeStale(token: string, claims: BearerClaims, policy: OnStale): Promise<Verdict> {
    if (policy === 'introspect') return this.#judgeByIntrospection(token, claims)
    // `allow` trusts old knowledge, not none: a guard that has not read the log knows of no logout.
    const { caughtUp, closed } = this.#parts.reader.freshness
    if (!caughtUp || closed === null) return unavailable('not_ready')
    return policy === 'allow' ? { outcome: 'accepted', claims, fresh: false } : unavailable('stale')
  }

  async #judgeByIntrospection(
    token: string,
    claims: BearerClaims,
    after?: Instant,
  ): Promise<Verdict> {
    const { introspection, local } = this.#parts
    try {
      if (!(await introspection.isActive(token, claims, after))) return refused('revoked')
    } catch {
      return unavailable('introspection_failed')
    }
    // A revocation that arrived while the answer was under way is the newer of the two.
    return local.check(token)
  }
}
