import { parsePosition } from '../kernel/position.ts'
import type { BearerClaims } from '../tokens/claims.ts'
import type { Caller } from './caller.ts'
import { CallerConnection } from './caller-connection.ts'
import type { CallerEnded } from './caller-ended.ts'
import { CallerWatch } from './caller-watch.ts'
import { FeedReader } from './feed-reader.ts'
import { guardNow, stalenessMs } from './freshness.ts'
import { GatewayQuestions } from './gateway-questions.ts'
import type { Guard, OnEndedOptions } from './guard-api.ts'
import { type GuardOptions, type SettledGuardOptions, settled } from './guard-options.ts'
import { type Instant, instantOf, sharedIntrospection } from './introspection.ts'
import { GuardMeter, type GuardMetrics } from './metrics.ts'
import { ownVerifier } from './own-verifier.ts'
import { hasReached, PositionWaits } from './position-waits.ts'
import { fixedPlaces, placesOfIssuer } from './request-places.ts'
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

export type { Guard, OnEndedOptions } from './guard-api.ts'

const keysRetryMs = 1_000

class LocalGuard implements Guard {
  readonly #options: SettledGuardOptions
  readonly #reader: FeedReader
  readonly #tokens: VerifiedTokens
  readonly #standing: (token: string) => Promise<Standing>
  readonly #waits: PositionWaits
  readonly #meter = new GuardMeter()
  readonly #questions: GatewayQuestions
  readonly #watch: CallerWatch
  readonly #stop = new AbortController()
  #fetching: Promise<void> = Promise.resolve()

  constructor(options: SettledGuardOptions) {
    const { clock, introspect, positionWaitMs, keys, leewayMs } = options
    this.#options = options
    this.#waits = new PositionWaits(clock, positionWaitMs)
    this.#reader = new FeedReader({
      ...options,
      onLearned: (ageMs) => this.#meter.learned(ageMs),
      onNews: ({ key }) => this.#watch.learned(key),
      onProgress: () => {
        this.#waits.look()
        this.#watch.look()
      },
    })
    this.#tokens = new VerifiedTokens({
      keys,
      leewayMs,
      bytesMax: options.tokenCacheBytes,
      verify: ownVerifier(options),
    })
    this.#standing = localStanding({
      tokens: this.#tokens,
      keys,
      foreign: options.foreign,
      now: () => guardNow(this.#reader.freshness, clock.now()),
      revocations: () => this.#reader.revocations,
    })
    const shared = introspect && sharedIntrospection(introspect, options)
    this.#questions = new GatewayQuestions(shared, options.onAlarm)
    this.#watch = new CallerWatch({
      ...options,
      now: () => guardNow(this.#reader.freshness, clock.now()),
      stalenessMs: () => this.#stalenessMs(),
      hit: (claims) => this.#reader.revocations.hit(claims),
      questionOf: (claims) => this.#questions.about(claims),
    })
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
    const verdict = this.#meter.judged(await this.#judge(token, options))
    if (verdict.outcome === 'accepted') this.#questions.note(verdict.claims, token)
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
    const stop = this.#watch.open(caller.claims, policy, callback)
    return stop === null ? () => {} : (held?.hold(stop) ?? stop)
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
      if (!reached && this.#questions.canAsk && policy !== 'deny') {
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
      if (!(await this.#questions.isActive(token, claims, after))) return refused('revoked')
    } catch {
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
 * const keys = remoteKeys({ url: jwksUrl, clock: systemClock })
 * const guard = createGuard({ issuer, audience: issuer, keys, feed, clock: systemClock })
 * await guard.start()
 * const verdict = await guard.check(token)
 */
export const createGuard = (given: GuardOptions): Guard =>
  Object.assign(new LocalGuard(settled(given)), {
    requests: fixedPlaces(placesOfIssuer(given.issuer)),
  })
