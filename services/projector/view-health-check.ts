import {
  type Health,
  healthOfCalls,
  type PartHealth,
  storeReasonOf,
  unready,
} from '../../shared/http/health.ts'

import type { Clock } from '../../shared/kernel/clock.ts'
import { isStoreFailure } from '../../shared/kernel/errors.ts'
import type { Closable } from '../../shared/kernel/lifecycle.ts'
import { CallHealth, recordOutcomes } from '../../shared/kernel/process/call-health.ts'
import type { BlacklistView } from '../../shared/ports/blacklist-view.ts'

const probesAWindow = 5

/**
 * Whether the view can be written and read, judged by the calls that the projector makes. If it
 * makes none for a while, this makes one: a projector without records would not notice that its
 * database is gone.
 */
export class ViewHealthCheck implements Closable {
  readonly #clock: Clock
  readonly #withinMs: number
  readonly #evidence: CallHealth
  readonly #closing = new AbortController()
  #probing: Promise<void> = Promise.resolve()

  constructor(clock: Clock, withinMs: number) {
    this.#clock = clock
    this.#withinMs = withinMs
    this.#evidence = new CallHealth(clock, withinMs)
  }

  /** The same view, with the outcome of its calls noted here. */
  watching(view: BlacklistView): BlacklistView {
    const noted = recordOutcomes(view, ['apply', 'closed', 'heldFence', 'takeFence'], (failure) => {
      if (failure === null) this.#evidence.succeeded()
      else if (isStoreFailure(failure)) this.#evidence.failed(failure)
    })
    this.#probing = this.#probe(noted)
    return noted
  }

  /** The health `said`, with the view not ready while its store does not answer. */
  over(said: Health, trouble: Error | null): Health {
    const own = this.#view(trouble)
    return own.standing === 'ok' ? said : { ...said, view: own }
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#probing
  }

  #view(trouble: Error | null): PartHealth {
    if (trouble) return unready(storeReasonOf(trouble))
    return healthOfCalls(this.#evidence, storeReasonOf(this.#evidence.failure))
  }

  async #probe(view: BlacklistView): Promise<void> {
    const { signal } = this.#closing
    const everyMs = this.#withinMs / probesAWindow
    while (!signal.aborted) {
      // `watching` notes a failure.
      if (this.#evidence.ageMs() >= everyMs) await view.closed().catch(() => {})
      await this.#clock.sleep(Math.min(everyMs / 2, 500), signal)
    }
  }
}
