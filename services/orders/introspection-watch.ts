import type { Clock, Guard, Introspection } from 'curfew-guard'
import type { Closable } from '../../shared/kernel/lifecycle.ts'
import { CallHealth } from '../../shared/kernel/process/call-health.ts'

const lookMs = 500
type Ask = (token: string) => Promise<Introspection>

/** No token: whoever answers that it is not active has answered. */
const noToken = 'curfew-readiness'

/**
 * Whether the introspection answers, which is what a stale guard lives on. It is asked by the guard
 * itself, and by a question of our own while the guard is stale and asked nothing for a while.
 */
export class IntrospectionWatch implements Closable {
  readonly #clock: Clock
  readonly #evidence: CallHealth
  readonly #introspect: Ask
  readonly #everyMs: number
  readonly #closing = new AbortController()
  #probing: Promise<void> = Promise.resolve()

  constructor(introspect: Ask, clock: Clock, withinMs: number) {
    this.#clock = clock
    this.#introspect = introspect
    this.#everyMs = withinMs / 5
    this.#evidence = new CallHealth(clock, withinMs)
  }

  readonly introspect: Ask = async (token) => {
    try {
      const answer = await this.#introspect(token)
      this.#evidence.succeeded()
      return answer
    } catch (error) {
      this.#evidence.failed(error as Error)
      throw error
    }
  }

  answers(): boolean {
    return this.#evidence.state() === 'fresh'
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
    while (!signal.aborted) {
      const { fresh } = guard.freshness()
      if (!fresh && this.#evidence.ageMs() >= this.#everyMs) {
        await this.introspect(noToken).catch(() => {})
      }
      await this.#clock.sleep(lookMs, signal)
    }
  }
}
