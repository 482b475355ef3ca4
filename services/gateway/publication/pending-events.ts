import type { AuthEvent } from '../../../shared/events/event.ts'
import { appendEventOnce, type EventDeps } from './standalone-event.ts'

const retryMs = 1_000
/** Beyond it the oldest go: the store was away for long, and log lines told each of them. */
const waitingMax = 1_000

type Waiting = Readonly<{ name: string; event: AuthEvent }>

/** Events that a gateway noticed by itself, and appends once the store takes them. */
export class PendingEvents {
  readonly #waiting: Waiting[] = []

  /** `name`: the same at every gateway that notices it. */
  add(name: string, event: AuthEvent): void {
    this.#waiting.push({ name, event })
    if (this.#waiting.length > waitingMax) this.#waiting.shift()
  }

  /** Until `signal` aborts. */
  async run(deps: EventDeps, signal: AbortSignal): Promise<void> {
    const { clock, logger } = deps.context
    while (!signal.aborted) {
      const [next] = this.#waiting
      try {
        if (next) await appendEventOnce(deps, next.name, next.event)
        if (next) this.#waiting.shift()
      } catch (error) {
        logger.debug({ error: error as Error }, 'an event waits for the store')
      }
      if (this.#waiting.length === 0 || next === this.#waiting[0])
        await clock.sleep(retryMs, signal)
    }
  }
}
