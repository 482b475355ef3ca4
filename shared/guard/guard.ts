import { parsePosition } from '../kernel/position.ts'
import type { BearerClaims } from '../tokens/claims.ts'
import { verifyBearer } from '../tokens/verify.ts'
import { reasonOf } from './alarm.ts'
import { FeedReader } from './feed-reader.ts'
import { guardNow, stalenessMs } from './freshness.ts'
import { type GuardOptions, type SettledGuardOptions, settled } from './guard-options.ts'
import {
  type Instant,
  instantOf,
  type SharedIntrospect,
  sharedIntrospection,
} from './introspection.ts'
import { GuardMeter, type GuardMetrics } from './metrics.ts'
import { hasReached, PositionWaits } from './position-waits.ts'
import { localStanding, type Standing } from './standing.ts'
import {
  type CheckOptions,
  type GuardFreshness,
  type GuardStatus,
  type OnStale,
  refused,
  unavailable,
  type Verdict,
} from './verdict.ts'
import { VerifiedTokens } from './verified-tokens.ts'

export interface Guard {
  /**
   * Fetches the keys and opens the feed. Resolves when the feed is open, not when the guard is
   * ready. Rejects with what the feed rejects with.
   */
  start(): Promise<void>
  /**
   * Whether tokens are judged from this process's own, fresh knowledge: the service may get
   * traffic.
   */
  ready(): boolean
  /**
   * Judges one access token. Never rejects. Cost when fresh: for a token seen before a few
   * microseconds, else one signature check; no network. When stale and told to introspect: one
   * request, shared and kept up to `maxStalenessMs`. An unknown key id may cost one fetch of the
   * key set in 30 s, a `minPosition` a wait of up to `positionWaitMs` and one request.
   */
  check(token: string, options?: CheckOptions): Promise<Verdict>
  /** How old the guard's knowledge may be, this instant. Cost: none. */
  freshness(): GuardFreshness
  /** For health pages. Cost: none. */
  status(): GuardStatus
  /** What it counted; for metrics. Cost: a few small objects. */
  metrics(): GuardMetrics
  /** Checks that wait for a position end. */
  close(): Promise<void>
}

const keysRetryMs = 1_000

class LocalGuard implements Guard {
  readonly #options: SettledGuardOptions
  readonly #reader: FeedReader
  readonly #tokens: VerifiedTokens
  readonly #standing: (token: string) => Promise<Standing>
  readonly #waits: PositionWaits
  readonly #meter = new GuardMeter()
  readonly #introspect: SharedIntrospect | null
  readonly #stop = new AbortController()
  #fetching: Promise<void> = Promise.resolve()

  constructor(options: SettledGuardOptions) {
    const { clock, introspect, maxStalenessMs: keepMs, positionWaitMs, keys, leewayMs } = options
    this.#options = options
    this.#waits = new PositionWaits(clock, positionWaitMs)
    this.#reader = new FeedReader({
      ...options,
      onLearned: (ageMs) => this.#meter.learned(ageMs),
      onProgress: () => this.#waits.look(),
    })
    this.#tokens = new VerifiedTokens({
      keys,
      leewayMs,
      bytesMax: options.tokenCacheBytes,
      verify: (token, known, now) => verifyBearer(token, { ...options, keys: known, now }),
    })
    this.#standing = localStanding({
      tokens: this.#tokens,
      keys,
      foreign: options.foreign,
      now: () => guardNow(this.#reader.freshness, clock.now()),
      revocations: () => this.#reader.revocations,
    })
    this.#introspect = introspect && sharedIntrospection(introspect, { clock, keepMs })
  }

  async start(): Promise<void> {
    await this.#options.keys.refresh()
    await this.#reader.open()
    this.#fetching = this.#fetchUntilReady()
  }

  ready(): boolean {
    return this.#options.keys.ready() && this.#isFresh()
  }

  async check(token: string, options: CheckOptions = {}): Promise<Verdict> {
    return this.#meter.judged(await this.#judge(token, options))
  }

  freshness(): GuardFreshness {
    const { caughtUp, closed, logId, blockedAt } = this.#reader.freshness
    const { uncovered } = this.#reader
    const bound = this.#stalenessMs()
    return {
      closedTime: closed,
      stalenessMs: Number.isFinite(bound) ? bound : null,
      fresh: bound <= this.#options.maxStalenessMs,
      logId,
      caughtUp,
      blockedAt,
      ...(uncovered === null ? {} : { uncovered }),
    }
  }

  status(): GuardStatus {
    return {
      ...this.freshness(),
      ready: this.ready(),
      keysReady: this.#options.keys.ready(),
      entries: this.#reader.revocations.size,
      trouble: this.#reader.trouble,
    }
  }

  metrics(): GuardMetrics {
    return {
      ...this.status(),
      checks: this.#meter.checks,
      tokens: this.#tokens.counts,
      revocationBytes: this.#reader.revocations.bytes,
      refusalSeconds: this.#meter.refusalSeconds,
    }
  }

  async close(): Promise<void> {
    this.#stop.abort()
    this.#waits.close()
    await this.#fetching
    await this.#reader.close()
  }

  #stalenessMs(): number {
    const { clock, maxClockErrorMs } = this.#options
    const moment = { now: clock.now(), monotonicMs: clock.monotonicMs(), maxClockErrorMs }
    return stalenessMs(this.#reader.freshness, moment)
  }

  #isFresh(): boolean {
    return this.#stalenessMs() <= this.#options.maxStalenessMs
  }

  async #judge(token: string, { minPosition, onStale }: CheckOptions): Promise<Verdict> {
    const { clock, maxClockErrorMs } = this.#options
    const arrived = instantOf(clock)
    const position = minPosition === undefined ? null : parsePosition(minPosition)
    if (minPosition !== undefined && position === null) {
      return { outcome: 'misasked', reason: 'position_malformed' }
    }
    // Before the wait too: a dead session's token holds no request.
    let standing = await this.#standing(token)
    if (!standing.good) return standing.verdict
    const policy = onStale ?? this.#options.onStale
    if (position !== null) {
      const isReached = (): boolean =>
        hasReached(this.#reader.progress, {
          position,
          at: arrived.wallMs,
          now: clock.now(),
          maxClockErrorMs,
        })
      const reached = await this.#waits.until(isReached)
      // Whatever the policy, no blind yes: who names a position has seen more than this guard.
      if (!reached && this.#introspect !== null && policy !== 'deny') {
        return this.#judgeByIntrospection(token, standing.claims, arrived)
      }
      if (!reached) return unavailable('position_not_reached')
      standing = await this.#standing(token)
      if (!standing.good) return standing.verdict
    }
    const { claims } = standing
    return this.#isFresh()
      ? { outcome: 'accepted', claims, fresh: true }
      : this.#judgeStale(token, claims, policy)
  }

  async #judgeStale(token: string, claims: BearerClaims, policy: OnStale): Promise<Verdict> {
    if (policy === 'introspect') return this.#judgeByIntrospection(token, claims)
    // `allow` trusts old knowledge, not none: a guard that has not read the log knows of no logout.
    const { caughtUp, closed } = this.#reader.freshness
    if (!caughtUp || closed === null) return unavailable('not_ready')
    return policy === 'allow' ? { outcome: 'accepted', claims, fresh: false } : unavailable('stale')
  }

  async #judgeByIntrospection(
    token: string,
    claims: BearerClaims,
    after?: Instant,
  ): Promise<Verdict> {
    try {
      if (this.#introspect === null) throw new TypeError('the guard was given no introspection')
      const { active } = await this.#introspect(token, claims, after)
      if (!active) return refused('revoked')
    } catch (error) {
      this.#options.onAlarm({ kind: 'introspection_failed', detail: reasonOf(error) })
      return unavailable('introspection_failed')
    }
    // A revocation that arrived while the answer was under way is the newer of the two.
    const standing = await this.#standing(token)
    return standing.good
      ? { outcome: 'accepted', claims: standing.claims, fresh: true }
      : standing.verdict
  }

  /** A guard without keys is not ready, so nobody calls it, so no token would ever make it ask. */
  async #fetchUntilReady(): Promise<void> {
    const { keys, clock } = this.#options
    while (!keys.ready() && !this.#stop.signal.aborted) {
      await clock.sleep(keysRetryMs, this.#stop.signal)
      await keys.refresh()
    }
  }
}

/**
 * A guard verifies access tokens locally and refuses those that a logout, a revocation or a
 * password change ended, as soon as the log says so. It knows all that was acknowledged before its
 * closed time; when that is older than `maxStalenessMs` it introspects, denies or allows, as told.
 *
 * @throws AuthError CONFIG_INVALID with every mistake, before anything is opened.
 * @example
 * const guard = createGuard({
 *   issuer: 'https://auth.example',
 *   audience: 'https://auth.example',
 *   keys: remoteKeys({ url: jwksUrl, clock: systemClock }),
 *   feed,
 *   clock: systemClock,
 *   onStale: 'deny',
 * })
 * await guard.start()
 * const verdict = await guard.check(token)
 */
export const createGuard = (given: GuardOptions): Guard => new LocalGuard(settled(given))
