import type { BearerClaims } from '../tokens/claims.ts'
import { type OnAlarm, reasonOf } from './alarm.ts'
import type { Question } from './caller-watch.ts'
import type { Instant, SharedIntrospect } from './introspection.ts'

/** What a guard asks the gateway, and what it must remember to be able to. */
export class GatewayQuestions {
  readonly #introspect: SharedIntrospect | null
  readonly #onAlarm: OnAlarm
  /** Of accepted claims, so that the gateway can be asked about callers that are open. */
  readonly #tokenOf = new WeakMap<BearerClaims, string>()

  constructor(introspect: SharedIntrospect | null, onAlarm: OnAlarm) {
    this.#introspect = introspect
    this.#onAlarm = onAlarm
  }

  /** Whether there is anybody to ask. */
  get canAsk(): boolean {
    return this.#introspect !== null
  }

  /** `token` was accepted with these claims. */
  note(claims: BearerClaims, token: string): void {
    if (this.canAsk && !this.#tokenOf.has(claims)) this.#tokenOf.set(claims, token)
  }

  /** Rejects, after an alarm, when nobody can tell. */
  async isActive(token: string, claims: BearerClaims, after?: Instant): Promise<boolean> {
    try {
      if (this.#introspect === null) throw new TypeError('the guard was given no introspection')
      return (await this.#introspect(token, claims, after)).active
    } catch (error) {
      this.#onAlarm({ kind: 'introspection_failed', detail: reasonOf(error) })
      throw error
    }
  }

  /** About claims that were noted; `null` for others, or with nobody to ask. */
  about(claims: BearerClaims): Question | null {
    const token = this.#tokenOf.get(claims)
    return token === undefined ? null : (after) => this.isActive(token, claims, after)
  }
}
