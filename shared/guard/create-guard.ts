import type { Caller } from './api/caller.ts'
import type { CallerEnded } from './api/caller-ended.ts'
import type { Guard, OnEndedOptions } from './api/guard.ts'
import type { GuardMetrics } from './api/guard-metrics.ts'
import { fixedPlaces, placesOfIssuer } from './api/token-places.ts'
import type { CheckOptions, GuardFreshness, GuardStatus, Verdict } from './api/verdict.ts'
import { FeedReader } from './feed/index.ts'
import { guardNow, PositionWaits, stalenessMs } from './freshness/index.ts'
import {
  type GuardOptions,
  type ResolvedGuardOptions,
  resolveGuardOptions,
} from './guard-options.ts'
import { cachedIntrospection, IntrospectionClient } from './introspection/index.ts'
import { fetchUntilReady } from './keys/index.ts'
import { CallerConnection, CallerWatch } from './open-connections/index.ts'
import { GuardMeter } from './reporting/index.ts'
import { TokenJudge } from './token-judge.ts'
import { gatewayTokenVerifier, LocalCheck, VerifiedTokenCache } from './verification/index.ts'

export type { Guard, OnEndedOptions } from './api/guard.ts'

class LocalGuard implements Guard {
  readonly #options: ResolvedGuardOptions
  readonly #reader: FeedReader
  readonly #tokens: VerifiedTokenCache
  readonly #judge: TokenJudge
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
    const now = () => guardNow(this.#reader.freshness, clock.now())
    const shared = introspect && cachedIntrospection(introspect, options)
    this.#introspection = new IntrospectionClient(shared, options.onAlarm)
    this.#judge = new TokenJudge({
      ...options,
      local: new LocalCheck({
        ...options,
        tokens: this.#tokens,
        now,
        revocations: () => this.#reader.revocations,
      }),
      reader: this.#reader,
      introspection: this.#introspection,
      waits: this.#waits,
      isFresh: () => this.#isFresh(),
    })
    this.#watch = new CallerWatch({
      ...options,
      now,
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
    const judged = this.#judge.atOnce(token, options) ?? (await this.#judge.judge(token, options))
    const verdict = this.#meter.countVerdict(judged)
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
    const known: GuardFreshness = {
      closedTime: closed,
      stalenessMs: Number.isFinite(bound) ? bound : null,
      fresh: bound <= this.#options.maxStalenessMs,
      logId,
      caughtUp,
      blockedAt,
    }
    return uncovered === null ? known : { ...known, uncovered }
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
