import type { CommitId } from '../../../shared/events/commit.ts'
import type { EventId, LogId } from '../../../shared/kernel/ids.ts'
import type { Logger } from '../../../shared/kernel/logger.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'

export type Mark = Readonly<{ id: CommitId; offset: number | null; logId: LogId }>
export type Acknowledged = Readonly<{ offset: number; id: EventId; logId: LogId }>

const marksPerCall = 1_500
/** Bounds memory while the store is slow. Commits left unmarked are published again. */
const marksMax = 20_000

type Deps = Readonly<{
  store: EventStore
  logger: Logger
  /** The verified identity of the log; `null` until the relay has verified it. */
  logId: () => LogId | null
}>

/** Marks commits in the store as published, in bulk, after the log has acknowledged them. */
export class PublishedMarks {
  readonly #deps: Deps
  readonly #queued: Mark[] = []
  readonly #waiters: Readonly<{ goal: number; resolve: () => void }>[] = []
  #added = 0
  #handled = 0
  #running: Promise<void> | undefined
  #acknowledged: Acknowledged | undefined
  #writtenAcknowledged: Acknowledged | undefined

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /** A mark that is lost costs a duplicate record on the log, and never loses one. */
  add(mark: Mark): void {
    if (this.#queued.length >= marksMax) return
    this.#queued.push(mark)
    this.#added += 1
  }

  /** Remembers the highest acknowledged offset of the current log. */
  raiseAcknowledged(acknowledged: Acknowledged): void {
    const before = this.#acknowledged
    if (before?.logId !== acknowledged.logId || acknowledged.offset > before.offset) {
      this.#acknowledged = acknowledged
    }
  }

  start(): void {
    this.#running ??= this.#run()
  }

  /** Resolves when the queue is empty; `undefined` if it is. */
  get running(): Promise<void> | undefined {
    return this.#running
  }

  /** Resolves when each mark added until now was written, or failed to be. */
  async allMarked(): Promise<void> {
    if (this.#handled >= this.#added) return
    await new Promise<void>((resolve) => this.#waiters.push({ goal: this.#added, resolve }))
  }

  get size(): number {
    return this.#queued.length
  }

  async #run(): Promise<void> {
    do {
      const batch = this.#queued.splice(0, marksPerCall)
      await this.#mark(batch)
      this.#handled += batch.length
      while ((this.#waiters[0]?.goal ?? Number.POSITIVE_INFINITY) <= this.#handled) {
        this.#waiters.shift()?.resolve()
      }
    } while (this.#queued.length > 0)
    this.#running = undefined
  }

  async #mark(batch: readonly Mark[]): Promise<void> {
    const { store, logger } = this.#deps
    const logId = this.#deps.logId()
    // What an earlier log acknowledged does not count: unmarked, the relay publishes it again.
    const marks = batch.filter((mark) => mark.logId === logId)
    const acknowledged = this.#acknowledged
    if (!logId) return
    try {
      // The highest offset is written before the marks: it is how a log that lost its end is
      // found out (decision 0073: a log that is made again).
      if (
        acknowledged &&
        acknowledged.logId === logId &&
        acknowledged !== this.#writtenAcknowledged
      ) {
        await store.noteAcknowledged(logId, acknowledged)
        this.#writtenAcknowledged = acknowledged
      }
      if (marks.length > 0) await store.markPublished(logId, marks)
    } catch (error) {
      logger.warn({ error: error as Error, count: marks.length }, 'published commits not marked')
    }
  }
}
