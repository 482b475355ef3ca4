import type { LogRecord } from '../../../events/log-record.ts'
import type { Clock } from '../../../kernel/clock.ts'
import type { AuthError } from '../../../kernel/errors.ts'
import { type AuthorizationFailures, deniedTopicsIn } from './authorization-failures.ts'

/** How long after a denial nothing is tried. */
const pauseMs = 2_000

export type DeniedTopicsParts = Readonly<{
  clock: Clock
  denials: AuthorizationFailures
  prefix: string
}>

/**
 * Topics that this user may not write to, for a while after each denial: the broker keeps what it
 * allows of a request, so one that is repeated at every turn would write a copy each time.
 */
export class DeniedTopics {
  readonly #parts: DeniedTopicsParts
  readonly #denied = new Map<string, Readonly<{ error: AuthError; untilMs: number }>>()

  constructor(parts: DeniedTopicsParts) {
    this.#parts = parts
  }

  /** LOG_DENIED, or `null` when a request failed of something else. */
  refusal(error: unknown, topics: readonly string[]): AuthError | null {
    const { clock, denials } = this.#parts
    const failure = denials.failure(error, { what: 'publish', topics })
    if (failure.code !== 'LOG_DENIED') return null
    const until = { error: failure, untilMs: clock.monotonicMs() + pauseMs }
    for (const topic of deniedTopicsIn(error) ?? topics) this.#denied.set(topic, until)
    return failure
  }

  /** @throws AuthError LOG_DENIED */
  check(records: readonly LogRecord[]): void {
    const { clock, prefix } = this.#parts
    for (const [topic, { error, untilMs }] of this.#denied) {
      if (clock.monotonicMs() >= untilMs) this.#denied.delete(topic)
      else if (records.some((record) => prefix + record.topic === topic)) throw error
    }
  }
}
