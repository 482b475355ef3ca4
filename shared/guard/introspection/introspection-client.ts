import { setInBoundedMap } from '../../kernel/bounded-map.ts'
import type { Clock } from '../../kernel/clock.ts'
import { AuthError } from '../../kernel/errors.ts'
import type { BearerClaims } from '../../tokens/claims.ts'
import { errorWithCauses, type OnAlarm } from '../api/alarm.ts'
import { ageMs, type Instant, instantOf } from '../freshness/index.ts'
import type { Introspect, Introspection } from './remote-introspection.ts'

type Kept = Readonly<{ askedAt: Instant; answer: Promise<Introspection> }>
type Keeping = Readonly<{ clock: Clock; introspectionKeptMs: number; maxStalenessMs: number }>
const keptMax = 10_000

/** As `Introspect`; with `after`, by a question that was asked after it. */
type CachedIntrospect = (
  token: string,
  claims: BearerClaims,
  after?: Instant,
) => Promise<Introspection>

/**
 * One question at a time for each token, its answer kept for `introspectionKeptMs` after the
 * question was *asked*: then it is never older than that. One that comes later than
 * `maxStalenessMs` is none, for whoever waited. Failures are not kept. A token alone may be
 * revoked, so sisters of one session do not borrow each other's answers; a session has one access
 * token at a time, so this costs nothing. Rejects as `introspect` does, and with GUARD_STALE for an
 * answer that is too old.
 */
export const cachedIntrospection = (
  introspect: Introspect,
  { clock, introspectionKeptMs, maxStalenessMs }: Keeping,
): CachedIntrospect => {
  const kept = new Map<string, Kept>()
  const ask = (token: string, claims: BearerClaims): Kept => {
    const { jti } = claims
    const asked: Kept = { askedAt: instantOf(clock), answer: introspect(token, claims) }
    setInBoundedMap(kept, jti, asked, keptMax)
    asked.answer.catch(() => {
      if (kept.get(jti) === asked) kept.delete(jti)
    })
    return asked
  }
  return async (token, claims, after) => {
    const found = kept.get(claims.jti)
    const isUsable =
      found !== undefined &&
      ageMs(found.askedAt, clock) < introspectionKeptMs &&
      (after === undefined || found.askedAt.monotonicMs > after.monotonicMs)
    const { askedAt, answer } = isUsable ? found : ask(token, claims)
    const known = await answer
    if (ageMs(askedAt, clock) < maxStalenessMs) return known
    throw new AuthError('GUARD_STALE', 'the introspection answered too late')
  }
}

/** Whether the gateway, asked after `after`, calls a token active. Rejects when it cannot tell. */
export type AskWhetherActive = (after: Instant) => Promise<boolean>

/**
 * Asks the gateway whether a token is active. It remembers the token of accepted claims, so that it
 * can ask about callers whose connections are still open.
 */
export class IntrospectionClient {
  readonly #introspect: CachedIntrospect | null
  readonly #onAlarm: OnAlarm
  /**
   * The token that accepted claims came from, so that the gateway can be asked about open callers.
   */
  readonly #tokenOf = new WeakMap<BearerClaims, string>()

  constructor(introspect: CachedIntrospect | null, onAlarm: OnAlarm) {
    this.#introspect = introspect
    this.#onAlarm = onAlarm
  }

  /** Whether there is anybody to ask. */
  get isAvailable(): boolean {
    return this.#introspect !== null
  }

  /** `token` was accepted with these claims. */
  rememberToken(claims: BearerClaims, token: string): void {
    if (this.isAvailable && !this.#tokenOf.has(claims)) this.#tokenOf.set(claims, token)
  }

  /** Rejects, after an alarm, when nobody can tell. */
  async isActive(token: string, claims: BearerClaims, after?: Instant): Promise<boolean> {
    try {
      if (this.#introspect === null) throw new TypeError('the guard was given no introspection')
      return (await this.#introspect(token, claims, after)).active
    } catch (error) {
      this.#onAlarm({ kind: 'introspection_failed', detail: errorWithCauses(error) })
      throw error
    }
  }

  /** About claims that were noted; `null` for others, or with nobody to ask. */
  introspectionOf(claims: BearerClaims): AskWhetherActive | null {
    const token = this.#tokenOf.get(claims)
    return token === undefined ? null : (after) => this.isActive(token, claims, after)
  }
}
