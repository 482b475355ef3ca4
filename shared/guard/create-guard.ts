import { parsePosition } from '../kernel/position.ts'
import type { BearerClaims } from '../tokens/claims.ts'
import type { Caller } from './api/caller.ts'
import type { CallerEnded } from './api/caller-ended.ts'
import type { Guard, OnEndedOptions } from './api/guard.ts'
import type { GuardMetrics } from './api/guard-metrics.ts'
import { fixedPlaces, placesOfIssuer } from './api/token-places.ts'
import {
  type CheckOptions,
  type GuardFreshness,
  type GuardStatus,
  type OnStale,
  refused,
  unavailable,
  type Verdict,
} from './api/verdict.ts'
import { FeedReader } from './feed/index.ts'
import {
  guardNow,
  hasReached,
  type Instant,
  instantOf,
  PositionWaits,
  stalenessMs,
} from './freshness/index.ts'
import {
  type GuardOptions,
  type ResolvedGuardOptions,
  resolveGuardOptions,
} from './guard-options.ts'
import { cachedIntrospection, IntrospectionClient } from './introspection/index.ts'
import { fetchUntilReady } from './keys/index.ts'
import { CallerConnection, CallerWatch } from './open-connections/index.ts'
import { GuardMeter } from './reporting/index.ts'
import {
  gatewayTokenVerifier,
  type LocalVerdict,
  localCheck,
  VerifiedTokenCache,
} from './verification/index.ts'

export type { Guard, OnEndedOptions } from './api/guard.ts'

class LocalGuard implements Guard {
  readonly #options: ResolvedGuardOptions
  readonly #reader: FeedReader
  readonly #tokens: VerifiedTokenCache
  readonly #checkLocally: (token: string) => Promise<LocalVerdict>
  readonly #waits: PositionWaits
  readonly #meter = new GuardMeter()
  readonly #introspection: IntrospectionClient
  readonly #watch: CallerWatch
  readonly #stop = new AbortController()
  #fetchingKeys: Promise<void> = Promise.resolve()

  constructor(options: ResolvedGuardOptions) {
    const { clock, introspect, positionWaitMs, keys, leewayMs } = options
    this.#options = options
    this.#waits = new PositionWaits(clock, positionWaitMs)
    this.#reader = new FeedReader({
      ...options,
      onRefusalDelay: (ageMs) => this.#meter.countRefusalDelay(ageMs),
      isWatched: () => this.#watch.size > 0,
      onNewRevocation: ({ key }) => this.#watch.onRevocation(key),
      onProgress: () => {
        this.#waits.recheck()
        this.#watch.endExpired()
      },
    })
    this.#tokens = new VerifiedTokenCache({
      keys,
      leewayMs,
      bytesMax: options.tokenCacheBytes,
      verify: gatewayTokenVerifier(options),
    })
    this.#checkLocally = localCheck({
      tokens: this.#tokens,
      keys,
      foreign: options.foreign,
      now: () => guardNow(this.#reader.freshness, clock.now()),
      revocations: () => this.#reader.revocations,
    })
    const shared = introspect && cachedIntrospection(introspect, options)
    this.#introspection = new IntrospectionClient(shared, options.onAlarm)
    this.#watch = new CallerWatch({
      ...options,
      now: () => guardNow(this.#reader.freshness, clock.now()),
      stalenessMs: () => this.#stalenessMs(),
      matchRevocation: (claims) => this.#reader.revocations.match(claims),
      introspectionOf: (claims) => this.#introspection.introspectionOf(claims),
    })
  }

  async start(): Promise<void> {
    await this.#options.keys.refresh()
    await this.#reader.open()
    const { keys, clock } = this.#options
    this.#fetchingKeys = fetchUntilReady(keys, clock, this.#stop.signal)
  }

  ready(): boolean {
    return this.#options.keys.ready() && this.#isFresh()
  }

  async check(token: string, options: CheckOptions = {}): Promise<Verdict> {
    const verdict = this.#meter.countVerdict(await this.#judge(token, options))
    if (verdict.outcome === 'accepted') this.#introspection.rememberToken(verdict.claims, token)
    return verdict
  }

  onEnded(
    caller: Pick<Caller, 'claims'>,
    callback: (ended: CallerEnded) => unknown,
    { onStale }: OnEndedOptions = {},
  ): () => void {
    const held = CallerConnection.of(caller)
    if (held?.isClosed) return () => {}
    const policy = onStale ?? held?.onStale ?? this.#options.onStale
    const stop = this.#watch.watch(caller.claims, policy, callback)
    return stop === null ? () => {} : (held?.stopOnClose(stop) ?? stop)
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
      openCallers: this.#watch.size,
    }
  }

  async close(): Promise<void> {
    this.#stop.abort()
    this.#watch.close()
    this.#waits.close()
    await this.#fetchingKeys
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
    let known = await this.#checkLocally(token)
    if (!known.valid) return known.verdict
    const policy = onStale ?? this.#options.onStale
    if (position !== null) {
      const isReached = (): boolean =>
        hasReached(this.#reader.progress, {
          position,
          at: arrived.wallMs,
          now: clock.now(),
          maxClockErrorMs,
        })
      const reached = await this.#waits.waitUntil(isReached)
      // Whatever the policy, no blind yes: who names a position has seen more than this guard.
      if (!reached && this.#introspection.isAvailable && policy !== 'deny') {
        return this.#judgeByIntrospection(token, known.claims, arrived)
      }
      if (!reached) return unavailable('position_not_reached')
      known = await this.#checkLocally(token)
      if (!known.valid) return known.verdict
    }
    const { claims } = known
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
      if (!(await this.#introspection.isActive(token, claims, after))) return refused('revoked')
    } catch {
      return unavailable('introspection_failed')
    }
    // A revocation that arrived while the answer was under way is the newer of the two.
    const known = await this.#checkLocally(token)
    return known.valid ? { outcome: 'accepted', claims: known.claims, fresh: true } : known.verdict
  }
}

/**
 * A guard verifies access tokens locally and refuses those that a logout, a revocation or a
 * password change ended, as soon as the log says so. It knows all that was acknowledged before its
 * closed time; when that is older than `maxStalenessMs` it introspects, denies or allows, as told.
 *
 * @throws AuthError CONFIG_INVALID with every mistake, before anything is opened.
 * @example
 * const keys = remoteKeys({ url: jwksUrl, clock: systemClock })
 * const guard = createGuard({ issuer, audience: issuer, keys, feed, clock: systemClock })
 * await guard.start()
 * const verdict = await guard.check(token)
 */
export const createGuard = (given: GuardOptions): Guard =>
  Object.assign(new LocalGuard(resolveGuardOptions(given)), {
    requests: fixedPlaces(placesOfIssuer(given.issuer)),
  })
