import type { Clock, Guard, Introspection } from 'curfew-guard'
import type { Closable } from '../../shared/kernel/lifecycle.ts'
import { CallHealth } from '../../shared/kernel/process/call-health.ts'

/** A guard that is fresh by then, as one beside its log is, needs no introspection to be ready. */
const firstCheckMs = 100
const checkEveryMs = 500
type Introspect = (token: string) => Promise<Introspection>

/** Not a token: an introspection that answers "not active" works. */
const noToken = 'curfew-readiness'

/**
 * Whether the introspection answers, which a stale guard depends on. It is judged by the guard's
 * own requests, and by one made here if the guard is stale and made none for a while.
 */
export class IntrospectionWatch implements Closable {
  readonly #clock: Clock
  readonly #health: CallHealth
  readonly #introspect: Introspect
  readonly #everyMs: number
  readonly #closing = new AbortController()
  #probing: Promise<void> = Promise.resolve()

  constructor(introspect: Introspect, clock: Clock, withinMs: number) {
    this.#clock = clock
    this.#introspect = introspect
    this.#everyMs = withinMs / 5
    this.#health = new CallHealth(clock, withinMs)
  }

  readonly introspect: Introspect = async (token) => {
    try {
      const answer = await this.#introspect(token)
      this.#health.succeeded()
      return answer
    } catch (error) {
      this.#health.failed(error as Error)
      throw error
    }
  }

  answers(): boolean {
    return this.#health.state() === 'fresh'
  }

  follow(guard: Guard): void {
    this.#probing = this.#probe(guard)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#probing
  }

  async #probe(guard: Guard): Promise<void> {
    const { signal } = this.#closing
    await this.#clock.sleep(firstCheckMs, signal)
    while (!signal.aborted) {
      const { fresh } = guard.freshness()
      if (!fresh && this.#health.ageMs() >= this.#everyMs) {
        await this.introspect(noToken).catch(() => {})
      }
      await this.#clock.sleep(checkEveryMs, signal)
    }
  }
}
