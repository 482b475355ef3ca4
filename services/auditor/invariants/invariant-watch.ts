import { event } from '../../../shared/events/event.ts'
import type { EventCheck } from '../../../shared/events/event-mac.ts'
import type { RawRecord } from '../../../shared/events/log-record.ts'
import { readEventRecord } from '../../../shared/events/read-event-record.ts'
import type { Clock } from '../../../shared/kernel/clock.ts'
import type { Entropy } from '../../../shared/kernel/entropy.ts'
import type { Logger } from '../../../shared/kernel/logger.ts'
import { namedStream } from '../../../shared/kernel/named-stream.ts'
import type { Meter } from '../../../shared/metrics/meter.ts'
import type { AuditIndex } from '../../../shared/ports/audit-index.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import { cutoffKeysOf } from '../../../shared/session/cutoff-commit.ts'
import { standaloneCommit } from '../../../shared/session/standalone-commit.ts'
import { type Breach, breachName } from './invariant-breach.ts'
import { Invariants } from './invariants.ts'
import { type SeenEvent, seenEvent } from './seen-event.ts'

export type WatchParts = Readonly<{
  index: AuditIndex
  events: EventCheck
  /** Where a breach becomes an event; a gateway’s relay tells the log. */
  store: Pick<EventStore, 'append'>
  clock: Clock
  entropy: Entropy
  logger: Logger
  meter: Meter
}>

/**
 * For a session that is not in memory, as after a restart, its first event and this many of the
 * newest are read from the index.
 */
const recalledMax = 32
/** Looking up takes a few milliseconds at most: not more than a tenth of the time goes there. */
const lookUpsMax = 30
const windowMs = 1_000
/** Breaches that wait for the store. */
const untoldMax = 1_000

/**
 * Looks at each event as it comes: whether a token got two successors or was used after its end,
 * and whether a stream lacks one. A breach is an event, a metric and a line of the log. State is
 * bounded; what a restart forgot is read from the index, session by session, as they go on.
 */
export class InvariantWatch {
  readonly #parts: WatchParts
  readonly #invariants = new Invariants()
  #untold: Breach[] = []
  #windowMs = 0
  #lookUps = 0

  constructor(parts: WatchParts) {
    this.#parts = parts
  }

  /** Looks at what came. Never rejects: what the store does not take waits. */
  async observe(come: readonly SeenEvent[]): Promise<void> {
    const { clock } = this.#parts
    for (const seen of come) {
      if (this.#invariants.isNew(seen)) await this.#recall(seen)
      this.#note(this.#invariants.observe(seen, clock.monotonicMs()))
    }
  }

  /** Once a second: what did not come in time, and what could not be told before. */
  async turn(): Promise<void> {
    const { clock } = this.#parts
    for (const breach of this.#invariants.due(clock.monotonicMs())) {
      if (!(await this.#isThere(breach))) this.#note([breach])
    }
    while (this.#untold[0]) {
      await this.#tell(this.#untold[0])
      this.#untold.shift()
    }
  }

  /** An event from its record; `null` for what is none. */
  read(record: RawRecord): SeenEvent | null {
    const read = readEventRecord(this.#parts.events, record)
    return read.ok ? seenEvent(read.id, read.at, read.event) : null
  }

  #note(breaches: readonly Breach[]): void {
    const { logger, meter } = this.#parts
    for (const breach of breaches) {
      const { invariant, stream, events } = breach
      meter.count('curfew_invariant_breaches_total', { invariant })
      logger.error({ invariant, stream, events: events.join(' ') }, 'an invariant is broken')
      if (this.#untold.length < untoldMax) this.#untold.push(breach)
    }
  }

  async #tell(breach: Breach): Promise<void> {
    const { store, clock, entropy } = this.#parts
    const { invariant, stream, sub, sid, events } = breach
    const data = { invariant, stream, sub: sub as never, sid: sid as never, events: [...events] }
    const commit = standaloneCommit(
      namedStream(breachName(breach)),
      event('InvariantBroken', data),
      { at: clock.now(), entropy },
    )
    // A conflict means that it is told already, by another auditor or before a restart.
    await store.append(commit)
  }

  /** Another process may have indexed what this one never saw. */
  async #isThere({ stream, events: [id = ''] }: Breach): Promise<boolean> {
    const term = stream.startsWith('s/') ? `session:${stream.slice(2)}` : `stream:${stream}`
    const found = await this.#newest([term], 1_000)
    return found.some((one) => one.id === id)
  }

  async #recall(seen: SeenEvent): Promise<void> {
    const { clock, meter, logger } = this.#parts
    const nowMs = clock.monotonicMs()
    if (nowMs - this.#windowMs >= windowMs) [this.#windowMs, this.#lookUps] = [nowMs, 0]
    this.#lookUps += 1
    if (this.#lookUps > lookUpsMax) {
      meter.count('curfew_invariant_sessions_unread_total', {})
      return
    }
    try {
      for (const one of await this.#before(seen)) this.#note(this.#invariants.recall(one))
    } catch (error) {
      meter.count('curfew_invariant_sessions_unread_total', {})
      logger.warn({ error: error as Error }, 'a session’s earlier events cannot be read')
    }
  }

  /** Cutoffs of whoever the session is of, its login, and its newest events. */
  async #before({ event: { data } }: SeenEvent): Promise<readonly SeenEvent[]> {
    const session = ['sid' in data ? `session:${data.sid}` : '']
    const [first, newest] = await Promise.all([
      this.#page(session, 2, 'oldest'),
      this.#newest(session, recalledMax),
    ])
    const cutoffs = first.flatMap(({ event: { type, data } }) =>
      type === 'TokenIssued' ? cutoffKeysOf(data) : [],
    )
    const keys = [...new Set(cutoffs)]
    const ends = await Promise.all(keys.map((key) => this.#newest([`cutoff:${key}`], 1)))
    return [...ends.flat(), ...first, ...newest.toReversed()]
  }

  #newest(terms: readonly string[], limit: number): Promise<SeenEvent[]> {
    return this.#page(terms, limit, 'newest')
  }

  async #page(
    terms: readonly string[],
    limit: number,
    order: 'newest' | 'oldest',
  ): Promise<SeenEvent[]> {
    const query = { terms, since: null, until: null, order, after: null, limit }
    const { events } = await this.#parts.index.page(query)
    return events.flatMap(({ record }) => this.read(record) ?? [])
  }
}
