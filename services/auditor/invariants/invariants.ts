import { setInBoundedMap } from '../../../shared/kernel/bounded-map.ts'
import { type Breach, breachName } from './invariant-breach.ts'
import type { SeenEvent } from './seen-event.ts'
import { SessionInvariants } from './session-invariants.ts'
import { StreamGaps } from './stream-gaps.ts'

/** Sessions and streams that are remembered: those that were quiet longest are forgotten first. */
const rememberedMax = 20_000
/** After an outage of the log, what waited is published in some minutes. */
const patienceMs = 10 * 60_000
const toldMax = 10_000

const uses: ReadonlySet<string> = new Set(['TokenIssued', 'TokenRevoked', 'GraceReplayed'])

const sessionOf = ({ event: { type, data } }: SeenEvent): string | null =>
  uses.has(type) && 'sid' in data ? data.sid : null

/**
 * What must hold of every history, looked at as events come. State is bounded, and what it forgot
 * is asked for: `isNew` says that the session is not known and did not begin here.
 */
export class Invariants {
  readonly #sessions = new Map<string, SessionInvariants>()
  readonly #gaps = new StreamGaps(rememberedMax, patienceMs)
  readonly #cutoffs = new Map<string, SeenEvent>()
  readonly #told = new Set<string>()

  /** Whether earlier events of its session should be seen first. */
  isNew(seen: SeenEvent): boolean {
    const sid = sessionOf(seen)
    if (sid === null || this.#sessions.has(sid)) return false
    return !(seen.stream.startsWith('s/') && seen.version === 0)
  }

  /** What an event breaks, beside those before it; each breach once. */
  observe(seen: SeenEvent, nowMs: number): readonly Breach[] {
    this.#gaps.observe(seen, nowMs)
    return this.#uses(seen)
  }

  /** The same of an event that was seen before, or by another process: it fills no gap. */
  recall(seen: SeenEvent): readonly Breach[] {
    return this.#uses(seen)
  }

  /** What did not come for too long by now. */
  due(nowMs: number): readonly Breach[] {
    return this.#gaps.due(nowMs).map(({ stream, id }) => ({
      ...{ invariant: 'none_missing', stream, events: [id] },
      sub: stream.startsWith('u/') ? stream.slice(2) : null,
      sid: stream.startsWith('s/') ? stream.slice(2) : null,
    }))
  }

  #uses(seen: SeenEvent): readonly Breach[] {
    this.#noteCutoff(seen)
    const sid = sessionOf(seen)
    if (sid === null) return []
    const uses = this.#sessions.get(sid) ?? new SessionInvariants()
    setInBoundedMap(this.#sessions, sid, uses, rememberedMax)
    const found = [...uses.observe(seen), ...uses.belowCutoffs(this.#cutoffs, seen)]
    return found.filter((breach) => this.#isUntold(breach))
  }

  #noteCutoff(seen: SeenEvent): void {
    const { type, data } = seen.event
    if (type !== 'TokenRevoked' || data.cutoff === null) return
    const known = this.#cutoffs.get(data.key)
    if (known && known.version > seen.version) return
    setInBoundedMap(this.#cutoffs, data.key, seen, rememberedMax)
  }

  #isUntold(breach: Breach): boolean {
    const name = breachName(breach)
    if (this.#told.has(name)) return false
    this.#told.add(name)
    const [oldest] = this.#told
    if (this.#told.size > toldMax && oldest !== undefined) this.#told.delete(oldest)
    return true
  }
}
