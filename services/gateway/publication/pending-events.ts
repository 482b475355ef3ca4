import type { AuthEvent } from '../../../shared/events/event.ts'
import { appendEventOnce, type EventDeps } from './standalone-event.ts'

const retryMs = 1_000

type Waiting = Readonly<{ name: string; event: AuthEvent }>

/**
 * Events that a gateway noticed by itself, and appends once the store takes them. Beyond
 * `waitingMax` the oldest go: the store was away for long, and log lines told each of them.
 */
export class PendingEvents {
  readonly #waiting: Waiting[] = []
  readonly #waitingMax: number

  constructor(waitingMax = 1_000) {
    this.#waitingMax = waitingMax
  }

  /** `name`: the same at every gateway that notices it. */
  add(name: string, event: AuthEvent): void {
    this.#waiting.push({ name, event })
    if (this.#waiting.length > this.#waitingMax) this.#waiting.shift()
  }

  /** Until `signal` aborts. */
  async run(deps: EventDeps, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const [next] = this.#waiting
      if (next && (await isAppended(deps, next))) {
        // It may have gone meanwhile, as the oldest of too many.
        if (this.#waiting[0] === next) this.#waiting.shift()
      } else await deps.context.clock.sleep(retryMs, signal)
    }
  }
}

const isAppended = async (deps: EventDeps, { name, event }: Waiting): Promise<boolean> => {
  try {
    await appendEventOnce(deps, name, event)
    return true
  } catch (error) {
    deps.context.logger.debug({ error: error as Error }, 'an event waits for the store')
    return false
  }
}
