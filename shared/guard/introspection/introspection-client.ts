import type { BearerClaims } from '../../tokens/claims.ts'
import { errorWithCauses, type OnAlarm } from '../api/alarm.ts'
import type { Instant } from '../freshness/index.ts'
import type { CachedIntrospect } from './introspection-cache.ts'

/** Whether the gateway, asked after `after`, calls a token active. Rejects when it cannot tell. */
export type AskWhetherActive = (after: Instant) => Promise<boolean>

/**
 * Asks the gateway whether a token is active. It remembers the token of accepted claims, so that it
 * can ask about callers whose connections are still open.
 */
export class IntrospectionClient {
  readonly #introspect: CachedIntrospect | null
  readonly #onAlarm: OnAlarm
  /** Of accepted claims, so that the gateway can be asked about callers that are open. */
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
