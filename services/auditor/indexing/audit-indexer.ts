import { auditTerms } from '../../../shared/events/audit-terms.ts'
import type { EventCheck } from '../../../shared/events/event-mac.ts'
import { degraded, ok, type PartHealth } from '../../../shared/http/health.ts'
import type { Clock } from '../../../shared/kernel/clock.ts'
import type { Closable } from '../../../shared/kernel/lifecycle.ts'
import type { Logger } from '../../../shared/kernel/logger.ts'
import { RepeatedTrouble } from '../../../shared/kernel/logging/repeated-trouble.ts'
import type { Meter } from '../../../shared/metrics/meter.ts'
import type { AuditIndex, Lane } from '../../../shared/ports/audit-index.ts'
import type { EventLog, Following, LogBatch, Partition } from '../../../shared/ports/event-log.ts'
import { InvariantWatch, seenEvents, type WatchParts } from '../invariants/index.ts'
import { indexedRecords, readRecords } from './indexed-records.ts'
import { idOfRecord, LaneBuffer } from './lane-buffer.ts'

export type IndexParts = Readonly<{
  log: EventLog
  index: AuditIndex
  events: EventCheck
  clock: Clock
  logger: Logger
  meter: Meter
  /** Looks at the events too. */
  watch?: InvariantWatch | null
}>

/**
 * What comes within this time is written at once: the events of one person then share rows, and a
 * refresh is not held up by a write of its own.
 */
const writeEveryMs = 1_000
/**
 * So many are written at once. That takes some 15 ms of a processor, of which nobody who refreshes
 * meanwhile should see much.
 */
const writtenMax = 1_000
/**
 * So many wait to be written, some 2 kB each, before the log is read more slowly. Who reads slowly
 * falls behind what the log has in memory, and then pays for each record three times: it is read
 * from the files, verified and decoded.
 */
const waitingMax = 8_000
const waitMs = 100
/**
 * After such a write it rests for so many times what the write took. Who keeps up takes a quarter
 * of the time at most; who catches up, as after a start, one part in twenty, for as long as it
 * takes, if it comes nearer by that.
 */
const restFactor = { keepsUp: 3, catchesUp: 19 } as const

/** More than a burst leaves behind. */
const farBehind = 2 * waitingMax

/** How often it is asked where the log ends: an answer says up to when it is complete. */
const lookEveryMs = 5_000

/**
 * Fills the audit index from `auth.events`. How far it is lies in the index, beside what it wrote,
 * so a crash repeats nothing that would show, and leaves nothing out.
 */
export class AuditIndexer implements Closable {
  readonly #parts: IndexParts
  readonly #stopping = new AbortController()
  readonly #trouble: RepeatedTrouble
  readonly #lanes = new Map<number, LaneBuffer>()
  #failure: string | null = null
  #writing: Promise<void> = Promise.resolve()
  #running: Promise<void> | null = null
  #isWritingBeside = false

  constructor(parts: IndexParts) {
    this.#parts = parts
    this.#trouble = new RepeatedTrouble(parts.clock)
  }

  /** Begins; it waits for log and index by itself. */
  start(): void {
    this.#running = this.#run()
  }

  health(): PartHealth {
    return this.#failure === null ? ok() : degraded(this.#failure)
  }

  async close(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { clock } = this.#parts
    const { signal } = this.#stopping
    let following: Following | null = null
    let lookedMs = clock.monotonicMs() - lookEveryMs
    while (!signal.aborted) {
      following ??= await this.#follow().catch((error: Error) => this.#note(error))
      await clock.sleep(writeEveryMs, signal)
      await this.#write().catch((error: Error) => this.#note(error))
      await this.#parts.watch?.turn().catch((error: Error) => this.#note(error))
      if (clock.monotonicMs() - lookedMs < lookEveryMs) continue
      lookedMs = clock.monotonicMs()
      await this.#lookAtEnds().catch((error: Error) => this.#note(error))
    }
    await following?.stop()
    await this.#write(Number.POSITIVE_INFINITY).catch((error: Error) => this.#note(error))
  }

  #follow(): Promise<Following> {
    return this.#parts.log.follow({
      topics: ['auth.events'],
      group: null,
      resumeAt: (partition) => this.#resumeAt(partition),
      onBatch: (batch) => this.#take(batch),
      onTrouble: (error) => void this.#note(error),
    })
  }

  async #resumeAt(partition: Partition): Promise<number> {
    const { index } = this.#parts
    await this.#writing.catch(() => {})
    const lanes = (await index.lanes()).filter((lane) => lane.partition === partition.partition)
    const newest = lanes.at(-1)
    const isSame =
      newest !== undefined &&
      newest.terms === auditTerms &&
      (await this.#isSameLog(partition, newest))
    const lane = isSame ? newest : await index.openLane(partition.partition, auditTerms)
    this.#lanes.set(partition.partition, new LaneBuffer(lane))
    return lane.next
  }

  /** Whether the log still has the record below `next`. One that is gone says nothing. */
  async #isSameLog(partition: Partition, { next, lastId }: Lane): Promise<boolean> {
    const { log } = this.#parts
    if (next === 0) return true
    if (await log.endsBelow(partition, next)) return false
    const last = await log.recordAt(partition, next - 1)
    return last === null || idOfRecord(last) === lastId
  }

  async #take(batch: LogBatch): Promise<void> {
    const { index, events } = this.#parts
    let lane = this.#lanes.get(batch.partition)
    if (!lane) return
    if (batch.end < lane.next) {
      this.#parts.logger.error(
        { partition: batch.partition },
        'the log is another one: it is indexed anew',
      )
      lane = new LaneBuffer(await index.openLane(batch.partition, auditTerms))
      this.#lanes.set(batch.partition, lane)
    }
    const { next } = lane
    const records = batch.records.filter(({ offset }) => offset >= next)
    const last = records.at(-1)
    if (!last) return
    const read = { next: last.offset + 1, lastId: idOfRecord(last), end: batch.end }
    const come = readRecords(events, records)
    lane.add(indexedRecords(come), read)
    await this.#parts.watch?.observe(seenEvents(come.map((one) => one.read)))
    if (lane.waiting >= writtenMax) this.#writeBeside()
    const { signal } = this.#stopping
    // A log that is assigned anew has a lane anew; nobody empties the one before.
    const isFull = (): boolean =>
      lane.waiting >= waitingMax && this.#lanes.get(batch.partition) === lane
    while (isFull() && !signal.aborted) await this.#parts.clock.sleep(waitMs, signal)
  }

  /** While the log is read on: part after part, as long as there are whole ones. */
  #writeBeside(): void {
    if (this.#isWritingBeside) return
    this.#isWritingBeside = true
    void this.#writeParts()
      .catch((error: Error) => this.#note(error))
      .finally(() => {
        this.#isWritingBeside = false
      })
  }

  async #writeParts(): Promise<void> {
    const { clock } = this.#parts
    const { signal } = this.#stopping
    const hasWhole = (): boolean =>
      [...this.#lanes.values()].some(({ waiting }) => waiting >= writtenMax)
    for (let before = Number.POSITIVE_INFINITY; hasWhole() && !signal.aborted; ) {
      const beganMs = clock.monotonicMs()
      await this.#write()
      const behind = Math.max(...[...this.#lanes.values()].map((lane) => lane.behind))
      const comesNearer = behind > farBehind && behind < before
      const factor = comesNearer ? restFactor.catchesUp : restFactor.keepsUp
      before = behind
      await clock.sleep((clock.monotonicMs() - beganMs) * factor, signal)
    }
  }

  /** Says of each lane that nothing of the log is missing, where that is so. */
  async #lookAtEnds(): Promise<void> {
    const { index, log, clock } = this.#parts
    for (const [partition, lane] of this.#lanes) {
      const through = clock.now()
      const { end } = await log.bounds({ topic: 'auth.events', partition })
      await lane.noteEnd(index, end, through)
    }
  }

  /** One after another. */
  #write(max = writtenMax): Promise<void> {
    const written = this.#writing.catch(() => {}).then(() => this.#writeAll(max))
    this.#writing = written
    return written
  }

  async #writeAll(max: number): Promise<void> {
    const { index, meter } = this.#parts
    for (const [partition, lane] of this.#lanes) {
      await lane.write(index, max)
      meter.set('curfew_audit_index_behind', { partition: String(partition) }, lane.behind)
    }
    if (this.#failure === null) return
    this.#failure = null
    this.#trouble.ended()
  }

  #note(error: Error): null {
    if (this.#stopping.signal.aborted) return null
    this.#failure = error.message
    const times = this.#trouble.occurred(error.message)
    if (times !== null) this.#parts.logger.error({ error, times }, 'the audit index has trouble')
    return null
  }
}

/** Fills the audit index, and looks at each event on the way: what breaks an invariant is told. */
export const watchedIndex = (parts: Omit<IndexParts, 'watch'> & WatchParts): AuditIndexer =>
  new AuditIndexer({ ...parts, watch: new InvariantWatch(parts) })
