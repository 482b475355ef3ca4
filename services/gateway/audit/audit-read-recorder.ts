import { event } from '../../../shared/events/event.ts'
import { setInBoundedMap } from '../../../shared/kernel/bounded-map.ts'
import { appendStandaloneEvent, type EventDeps } from '../publication/index.ts'
import type { ReadEvent, Wanted } from './read-events.ts'

/** What somebody asked for; `kind` is a type of event, or the name of a question. */
export type RecordedReading = Omit<Wanted, 'kind'> & Readonly<{ kind: string | null }>

const quietMs = 60_000
const rememberedMax = 1_000

/**
 * Tells of each reading, before it is answered: who read, what they asked for, and how much they
 * were shown. A reading that shows nothing, or other readings only, is told once a minute for each
 * reader and filter: who follows the events would else read of their own reading for ever.
 */
export class AuditReadRecorder {
  /** Until when a quiet reading needs no event. */
  readonly #untilMs = new Map<string, number>()

  /** @throws AuthError STORE_UNAVAILABLE: what cannot be told is not to be shown */
  async tell(deps: EventDeps, wanted: Wanted, shown: readonly ReadEvent[]): Promise<void> {
    const isQuiet = shown.every(({ event: { type } }) => type === 'AuditRead')
    await this.#tell(deps, wanted, shown.length, isQuiet)
  }

  /** Records that a question was answered. @throws AuthError STORE_UNAVAILABLE */
  async tellAnswer(deps: EventDeps, wanted: RecordedReading, rows: number): Promise<void> {
    await this.#tell(deps, wanted, rows, rows === 0)
  }

  async #tell(
    deps: EventDeps,
    wanted: RecordedReading,
    rows: number,
    isQuiet: boolean,
  ): Promise<void> {
    const { user, session, token, client, actor, kind, address, since, until } = wanted
    const filter = { user, session, token, client, actor, kind, address, since, until }
    const act = deps.context.act()
    const key = `${act.actor?.by}:${act.actor?.id} ${JSON.stringify(filter)}`
    if (isQuiet && !this.#isFirst(key, deps.context.clock.monotonicMs())) return
    await appendStandaloneEvent(deps, event('AuditRead', { filter, rows, ...act }))
  }

  #isFirst(key: string, nowMs: number): boolean {
    if ((this.#untilMs.get(key) ?? 0) > nowMs) return false
    setInBoundedMap(this.#untilMs, key, nowMs + quietMs, rememberedMax)
    return true
  }
}
