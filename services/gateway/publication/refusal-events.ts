import type { AuthEvent } from '../../../shared/events/event.ts'
import { setInBoundedMap } from '../../../shared/kernel/bounded-map.ts'
import { appendStandaloneEvent, type EventDeps } from './standalone-event.ts'

const windowMs = 5 * 60_000
const minuteMs = 60_000
/** Strangers can cause these events at will, and each is a write. The bound is for each type. */
const eventsPerMinuteMax = 100
const rememberedKeysMax = 2_000

/** Whether `key` comes for the first time within a window, in the whole fleet. */
export type FirstOfWindow = Readonly<{
  isFirst: (name: string, key: string, windowMs: number) => Promise<boolean>
}>
export type RefusalDeps = EventDeps & Readonly<{ limits: FirstOfWindow }>

type MinuteCount = { fromMs: number; count: number }

/**
 * Appends events about refused requests. In each window of five minutes only the first for a `key`
 * becomes an event, in the whole fleet, and at most 100 a minute and type whatever the keys. Log
 * lines, by contrast, are written for each refusal.
 */
export class RefusalEvents {
  /** Until when a key needs no further event. It saves questions to the shared store. */
  readonly #reportedUntilMs = new Map<string, number>()
  readonly #countsByType = new Map<string, MinuteCount>()
  readonly #deps: RefusalDeps

  constructor(deps: RefusalDeps) {
    this.#deps = deps
  }

  /** Does not throw, and nobody waits for it: it must not delay the answer to the request. */
  append(event: AuthEvent, key: string, request: string): void {
    const { clock, logger } = this.#deps.context
    const nowMs = clock.monotonicMs()
    const name = `${event.type} ${key}`
    if ((this.#reportedUntilMs.get(name) ?? 0) > nowMs || !this.#hasRoom(event.type, nowMs)) return
    setInBoundedMap(this.#reportedUntilMs, name, nowMs + windowMs, rememberedKeysMax)
    this.#append(event, key, request).catch((error: Error) => {
      logger.debug({ error, type: event.type }, 'a refusal became no event')
    })
  }

  async #append(event: AuthEvent, key: string, request: string): Promise<void> {
    const { limits, context } = this.#deps
    if (!(await limits.isFirst(event.type, key, windowMs))) return
    await appendStandaloneEvent({ ...this.#deps, context: { ...context, request } }, event)
  }

  #hasRoom(type: string, nowMs: number): boolean {
    const counted = this.#countsByType.get(type) ?? { fromMs: nowMs, count: 0 }
    if (nowMs - counted.fromMs >= minuteMs) Object.assign(counted, { fromMs: nowMs, count: 0 })
    this.#countsByType.set(type, counted)
    counted.count += 1
    return counted.count <= eventsPerMinuteMax
  }
}
