import type { Clock } from '../kernel/clock.ts'
import { AuthError } from '../kernel/errors.ts'
import type { RevocationFeed } from '../ports/revocation-feed.ts'
import type { BearerClaims, BearerKind } from '../tokens/claims.ts'
import { leewayMsMax, type Verified, verifyBearer } from '../tokens/verify.ts'
import { type OnAlarm, reasonOf } from './alarm.ts'
import { FeedReader } from './feed-reader.ts'
import type { ForeignIssuer } from './foreign-issuer.ts'
import { guardNow, stalenessMs } from './freshness.ts'
import { type Introspect, sharedIntrospection } from './introspection.ts'
import type { KeySource } from './key-source.ts'
import { type GuardStatus, type OnStale, refusalOf, refused, type Verdict } from './verdict.ts'

export type GuardOptions = Readonly<{
  /** Exactly the `iss` of the gateway's tokens: its public URL. */
  issuer: string
  /** The `aud` of tokens meant for this service: one name, or several of which any will do. */
  audience: string | readonly string[]
  /** Which tokens authenticate. Default: access tokens alone. */
  accept?: readonly BearerKind[]
  keys: KeySource
  feed: RevocationFeed
  clock: Clock
  /** How old the guard's knowledge may be before `onStale` decides. Default 5 s. */
  maxStalenessMs?: number
  /** How much the clocks of store and guard may differ. Default 1 s. */
  maxClockErrorMs?: number
  /** Default `introspect`. */
  onStale?: OnStale
  /** Needed by `introspect`. */
  introspect?: Introspect | null
  /** How long past `exp` a token is good, at most 60 s. Default 0. */
  leewayMs?: number
  /** Another issuer whose access tokens are good too; its key set never makes a guard unready. */
  foreign?: ForeignIssuer | null
  /** Called at once, from within; must not throw. */
  onAlarm?: OnAlarm
}>

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
   * Judges one access token. Never rejects. Cost when fresh: one signature check and five look-ups
   * in memory, no network. When stale and told to introspect: one request, shared and kept up to
   * `maxStalenessMs`. An unknown key id may cost one fetch of the key set in 30 s.
   */
  check(token: string): Promise<Verdict>
  /** For health pages and metrics. Cost: none. */
  status(): GuardStatus
  close(): Promise<void>
}

// The gateway closes time every 250 ms: with less room, a guard would be stale by design.
const ticksMs = 3 * 250
const keysRetryMs = 1_000

const mistakesIn = (options: Required<GuardOptions>): string[] => {
  const { issuer, audience, maxStalenessMs, maxClockErrorMs, leewayMs } = options
  const least = maxClockErrorMs + ticksMs
  return [
    // An empty one would switch the check of the claim off.
    ...(issuer === '' || audience.length === 0 ? ['issuer and audience must be given'] : []),
    ...(maxStalenessMs >= least ? [] : [`maxStalenessMs must be at least ${least}`]),
    ...(leewayMs >= 0 && leewayMs <= leewayMsMax ? [] : ['leewayMs must be from 0 to 60000']),
    ...(options.onStale === 'introspect' && options.introspect === null
      ? ['onStale "introspect" needs introspect; or choose "deny" or "allow"']
      : []),
  ]
}

const defaults = {
  maxStalenessMs: 5_000,
  maxClockErrorMs: 1_000,
  onStale: 'introspect',
  introspect: null,
  leewayMs: 0,
  accept: ['access'],
  foreign: null,
  onAlarm: () => {},
} as const satisfies Partial<GuardOptions>

type Options = Required<GuardOptions>

class LocalGuard implements Guard {
  readonly #options: Options
  readonly #reader: FeedReader
  readonly #introspect: Introspect | null
  readonly #stop = new AbortController()
  #fetching: Promise<void> = Promise.resolve()

  constructor(options: Options) {
    const { clock, introspect, maxStalenessMs: keepMs } = options
    this.#options = options
    this.#reader = new FeedReader(options)
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

  async check(token: string): Promise<Verdict> {
    const verified = await this.#verified(token)
    if (verified === null) return { outcome: 'unavailable', reason: 'not_ready' }
    if (!verified.ok) return refused(refusalOf[verified.problem])
    const { claims } = verified
    if (this.#isRevoked(claims)) return refused('revoked')
    return this.#isFresh()
      ? { outcome: 'accepted', claims, fresh: true }
      : this.#judgeStale(token, claims)
  }

  status(): GuardStatus {
    const { caughtUp, closed, logId, blockedAt } = this.#reader.freshness
    const bound = this.#stalenessMs()
    return {
      ready: this.ready(),
      keysReady: this.#options.keys.ready(),
      caughtUp,
      closedTime: closed,
      stalenessMs: Number.isFinite(bound) ? bound : null,
      logId,
      entries: this.#reader.revocations.size,
      blockedAt,
    }
  }

  async close(): Promise<void> {
    this.#stop.abort()
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

  /** `null` while there is no key at all. */
  async #verified(token: string): Promise<Verified<BearerClaims> | null> {
    const { keys, foreign, clock } = this.#options
    const now = guardNow(this.#reader.freshness, clock.now())
    if (foreign?.isTheirs(token)) return foreign.verify(token, now)
    const verified = verifyBearer(token, { ...this.#options, now })
    if (verified.ok || verified.problem !== 'unknown_key') return verified
    await keys.refresh()
    return keys.ready() ? verifyBearer(token, { ...this.#options, now }) : null
  }

  #isRevoked(claims: BearerClaims): boolean {
    return this.#reader.revocations.hit(claims) !== null
  }

  async #judgeStale(token: string, claims: BearerClaims): Promise<Verdict> {
    const { onStale } = this.#options
    if (onStale === 'introspect' && this.#introspect) {
      return this.#judgeByIntrospection(token, claims, this.#introspect)
    }
    // `allow` trusts old knowledge, not none: a guard that has not read the log knows of no logout.
    const { caughtUp, closed } = this.#reader.freshness
    if (!caughtUp || closed === null) return { outcome: 'unavailable', reason: 'not_ready' }
    return onStale === 'allow'
      ? { outcome: 'accepted', claims, fresh: false }
      : { outcome: 'unavailable', reason: 'stale' }
  }

  async #judgeByIntrospection(
    token: string,
    claims: BearerClaims,
    ask: Introspect,
  ): Promise<Verdict> {
    try {
      const { active } = await ask(token, claims)
      // A revocation that arrived while the answer was under way is the newer of the two.
      return active && !this.#isRevoked(claims)
        ? { outcome: 'accepted', claims, fresh: true }
        : refused('revoked')
    } catch (error) {
      this.#options.onAlarm({ kind: 'introspection_failed', detail: reasonOf(error) })
      return { outcome: 'unavailable', reason: 'introspection_failed' }
    }
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
export const createGuard = (given: GuardOptions): Guard => {
  const options = { ...defaults, ...given }
  const mistakes = mistakesIn(options)
  if (mistakes.length > 0) {
    throw new AuthError('CONFIG_INVALID', `the guard cannot start: ${mistakes.join('; ')}`)
  }
  return new LocalGuard(options)
}
