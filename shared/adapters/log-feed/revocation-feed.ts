import { LogIdentities } from '../../events/log-identities.ts'
import type { RawRecord } from '../../events/log-record.ts'
import { readRevocationRecord } from '../../events/read-revocation-record.ts'
import type { MacRing } from '../../events/record-mac.ts'
import type { RevocationItem } from '../../events/revocation-record.ts'
import { type Clock, systemClock } from '../../kernel/clock.ts'
import type { EventLog, Following, LogBatch } from '../../ports/event-log.ts'
import type { FeedSink, RevocationFeed } from '../../ports/revocation-feed.ts'
import {
  beginningBy,
  type Reading,
  readingFrom,
  type Scouting,
  scoutingOf,
  toldOf,
} from './log-scan.ts'

const revocations = { topic: 'auth.revocations', partition: 0 } as const
const retryMs = 500

type Pass = {
  scouting: Scouting | null
  /** Where the closed times met so far allow to begin. */
  allowed: number | null
  reading: Reading
}

const asError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error(String(thrown))

/** The first offset from `next` up that `records` leave out, or `null`. */
const firstGap = (next: number, records: readonly RawRecord[]): number | null => {
  let expected = next
  for (const { offset } of records) {
    if (offset > expected) return expected
    expected = offset + 1
  }
  return null
}

const lacksOlder = (item: RevocationItem): boolean =>
  item.kind === 'uncovered' && item.closed.low !== null

/** What a feed asks of a log. */
export type ReadLog = Pick<EventLog, 'bounds' | 'follow'>

class LogFeed implements RevocationFeed {
  readonly #log: ReadLog
  readonly #ring: MacRing
  readonly #clock: Clock
  readonly #lives = new LogIdentities()
  #closing = new AbortController()
  #sink: FeedSink | undefined
  #pass: Pass | undefined
  /** A reading that began further on turned out to lack something. */
  #wholeLog = false
  #following: Following | undefined
  #opening: Promise<void> = Promise.resolve()

  constructor(log: ReadLog, ring: MacRing, clock: Clock) {
    this.#log = log
    this.#ring = ring
    this.#clock = clock
  }

  open(sink: FeedSink): Promise<void> {
    this.#sink = sink
    this.#closing = new AbortController()
    this.#wholeLog = false
    this.#opening = this.#begin()
    return this.#opening
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#opening.catch(() => {}) // Whoever opened heard of it.
    this.#pass = undefined
    await this.#following?.stop()
    this.#following = undefined
  }

  async #begin(): Promise<void> {
    const { start, end } = await this.#log.bounds(revocations)
    const scouting = this.#wholeLog ? null : scoutingOf(start, end)
    const pass: Pass = { scouting, allowed: null, reading: readingFrom(start, start, end) }
    this.#pass = pass
    this.#following = await this.#log.follow({
      topics: [revocations.topic],
      group: null,
      resumeAt: async () => pass.scouting?.from ?? pass.reading.next,
      onBatch: async (batch, goOnAt) => {
        if (!pass.scouting) return this.#take(pass, batch)
        const began = this.#scout(pass, pass.scouting, batch)
        if (began !== null) goOnAt(began)
      },
      onTrouble: (error) => this.#sink?.onTrouble(error),
    })
    this.#noteProgress(pass)
  }

  #isOver(pass: Pass): boolean {
    return pass !== this.#pass || this.#closing.signal.aborted
  }

  /** Tells nothing: what is in force is read again from where the reading begins. */
  #scout(pass: Pass, scouting: Scouting, batch: LogBatch): number | null {
    const { start, goal } = scouting
    const items = batch.records.map((record) => readRevocationRecord(this.#ring, record))
    // If there are several closed times the last one counts, since the low mark only rises.
    pass.allowed = beginningBy(scouting, items) ?? pass.allowed
    if ((batch.records.at(-1)?.offset ?? goal) < goal - 1) return null
    const began = pass.allowed ?? start
    pass.reading = readingFrom(began, start, goal)
    pass.scouting = null
    return began
  }

  /**
   * A rejection (the log did not say its bounds) repeats the batch, of which nothing was told yet.
   */
  async #take(pass: Pass, batch: LogBatch): Promise<void> {
    if (this.#isOver(pass)) return
    const { reading } = pass
    const loss = await this.#lossBefore(reading.next, batch)
    if (this.#isOver(pass)) return
    if (loss !== null) return this.#startOver(loss)
    const items = batch.records.map((record) => readRevocationRecord(this.#ring, record))
    const another = this.#lives.another(items)
    this.#lives.meet(items)
    if (another !== null) return this.#startOver('the log has another identity')
    const told = toldOf(
      reading,
      items.filter((item) => this.#lives.counts(item)),
    )
    if (reading.inTheMiddle && told.some(lacksOlder)) {
      this.#wholeLog = true
      return this.#startOver('what is in force lies below where the reading began')
    }
    if (told.length > 0) this.#sink?.onItems(told)
    reading.next = (batch.records.at(-1)?.offset ?? reading.next - 1) + 1
    this.#noteProgress(pass)
  }

  /**
   * Why records before or inside `batch` may be lost, or `null`. A gap alone is none: a log leaves
   * out closed times that a newer one follows. But below the log's start anything may have lain,
   * and an end below what was read means that the log began anew.
   */
  async #lossBefore(next: number, { records, end }: LogBatch): Promise<string | null> {
    if (end < next) return `the log ends at ${end}, below ${next}`
    const gap = firstGap(next, records)
    if (gap === null) return null
    const { start } = await this.#log.bounds(revocations)
    return start > gap ? `the log begins at ${start}, above ${gap}` : null
  }

  #noteProgress(pass: Pass): void {
    const { scouting, reading } = pass
    if (scouting || reading.caughtUp || reading.next < reading.goal || this.#isOver(pass)) return
    reading.caughtUp = true
    const { uncovered } = reading
    if (uncovered && uncovered.offset < reading.goal) this.#sink?.onItems([uncovered])
    this.#sink?.onCaughtUp()
  }

  #startOver(reason: string): void {
    this.#pass = undefined
    this.#sink?.onReset(reason)
    // Not awaited: `stop` waits for the batch that we are called from.
    const opened = this.#opening.catch(() => {}) // Whoever opened heard of it.
    this.#opening = opened.then(() => this.#beginAgain())
  }

  async #beginAgain(): Promise<void> {
    const { signal } = this.#closing
    while (!signal.aborted) {
      try {
        await this.#following?.stop()
        this.#following = undefined
        return await this.#begin()
      } catch (error) {
        this.#sink?.onTrouble(asError(error))
        await this.#clock.sleep(retryMs, signal)
      }
    }
  }
}

/**
 * The feed of a guard that reads the log itself. It begins where the newest closed time allows, or
 * at the log's start where that is near or no closed time says, and again after a reset: when the
 * log's start passed what was read, when its end fell below it, and when closed times name another
 * identity.
 * - `open` rejects with LOG_UNAVAILABLE when the log does not answer; later trouble is got over and
 *   told.
 * - After a reset everything in force is told again, and `onCaughtUp` comes again.
 * - A closed time whose `low` lies below the beginning is told as `uncovered`: it proves nothing.
 * - Closed times under an identity that is no longer in force are left out; revocations never are.
 * - A feed that was closed may be opened again; it begins anew.
 * `clock` paces the tries to begin again, nothing else.
 */
export const logRevocationFeed = (
  log: ReadLog,
  ring: MacRing,
  clock: Clock = systemClock,
): RevocationFeed => new LogFeed(log, ring, clock)
