import type { AuthEvent } from '../../../shared/events/event.ts'
import { appendStandaloneEvent, type EventDeps } from './standalone-event.ts'

const windowMs = 5 * 60_000
const minuteMs = 60_000
/** Strangers cause these at will, and each is a write: so many a minute and type, and no more. */
const eventsPerMinuteMax = 100
const keysMax = 2_000

/** Says of something whether it is the first of a window, over the fleet. */
export type FirstOfWindow = Readonly<{
  isFirst: (name: string, key: string, windowMs: number) => Promise<boolean>
}>
export type RefusalDeps = EventDeps & Readonly<{ limits: FirstOfWindow }>

type Kept = { fromMs: number; count: number }

/**
 * Events of what was refused: the first of a window for each `key`, of the whole fleet, and
 * boundedly many whatever the keys. Lines of the log say each.
 */
export class RefusalEvents {
  /** Until when a key was told here; asks the shared store less often. */
  readonly #told = new Map<string, number>()
  readonly #minutes = new Map<string, Kept>()
  readonly #deps: RefusalDeps

  constructor(deps: RefusalDeps) {
    this.#deps = deps
  }

  /** Never rejects, and nobody waits for it: a refusal is answered as fast as without. */
  append(event: AuthEvent, key: string): void {
    const { clock, logger } = this.#deps.context
    const nowMs = clock.monotonicMs()
    const name = `${event.type} ${key}`
    if ((this.#told.get(name) ?? 0) > nowMs || !this.#hasRoom(event.type, nowMs)) return
    this.#keep(name, nowMs + windowMs)
    this.#append(event, key).catch((error: Error) => {
      logger.debug({ error, type: event.type }, 'a refusal became no event')
    })
  }

  async #append(event: AuthEvent, key: string): Promise<void> {
    const { limits } = this.#deps
    if (await limits.isFirst(event.type, key, windowMs))
      await appendStandaloneEvent(this.#deps, event)
  }

  #hasRoom(type: string, nowMs: number): boolean {
    const kept = this.#minutes.get(type) ?? { fromMs: nowMs, count: 0 }
    if (nowMs - kept.fromMs >= minuteMs) Object.assign(kept, { fromMs: nowMs, count: 0 })
    this.#minutes.set(type, kept)
    kept.count += 1
    return kept.count <= eventsPerMinuteMax
  }

  /** The oldest goes first. */
  #keep(name: string, untilMs: number): void {
    this.#told.delete(name)
    this.#told.set(name, untilMs)
    const [oldest] = this.#told.keys()
    if (this.#told.size > keysMax && oldest !== undefined) this.#told.delete(oldest)
  }
}
