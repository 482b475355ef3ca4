import type { CommitId } from '../../../shared/events/commit.ts'
import type { EventId, LogId } from '../../../shared/kernel/ids.ts'
import type { Logger } from '../../../shared/kernel/logger.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'

export type Mark = Readonly<{ id: CommitId; offset: number | null; logId: LogId }>
export type Acknowledged = Readonly<{ offset: number; id: EventId; logId: LogId }>

const marksPerCall = 1_500
/** A store that lags behind must not cost memory without bound; what is left out is told again. */
const marksMax = 20_000

type Parts = Readonly<{
  store: EventStore
  logger: Logger
  /** The verified identity of the log; `null` until the relay has verified it. */
  logId: () => LogId | null
}>

/** Notes in the store what the log acknowledged, behind the acknowledgement and in bulk. */
export class PublishedMarks {
  readonly #deps: Parts
  readonly #waiting: Mark[] = []
  readonly #awaiting: Readonly<{ goal: number; resolve: () => void }>[] = []
  #added = 0
  #done = 0
  #running: Promise<void> | undefined
  #acknowledged: Acknowledged | undefined
  #noted: Acknowledged | undefined

  constructor(deps: Parts) {
    this.#deps = deps
  }

  /** A mark that is lost costs a duplicate, never a record. */
  add(mark: Mark): void {
    if (this.#waiting.length >= marksMax) return
    this.#waiting.push(mark)
    this.#added += 1
  }

  /** Of one log the greatest offset counts. */
  raise(acknowledged: Acknowledged): void {
    const before = this.#acknowledged
    if (before?.logId !== acknowledged.logId || acknowledged.offset > before.offset) {
      this.#acknowledged = acknowledged
    }
  }

  start(): void {
    this.#running ??= this.#run()
  }

  /** What is under way; `undefined` when all is marked. */
  get running(): Promise<void> | undefined {
    return this.#running
  }

  /** Resolves when what was added until now is marked, or failed to be. */
  async upToNow(): Promise<void> {
    if (this.#done >= this.#added) return
    await new Promise<void>((resolve) => this.#awaiting.push({ goal: this.#added, resolve }))
  }

  get size(): number {
    return this.#waiting.length
  }

  async #run(): Promise<void> {
    do {
      const taken = this.#waiting.splice(0, marksPerCall)
      await this.#mark(taken)
      this.#done += taken.length
      while ((this.#awaiting[0]?.goal ?? Number.POSITIVE_INFINITY) <= this.#done) {
        this.#awaiting.shift()?.resolve()
      }
    } while (this.#waiting.length > 0)
    this.#running = undefined
  }

  async #mark(taken: readonly Mark[]): Promise<void> {
    const { store, logger } = this.#deps
    const logId = this.#deps.logId()
    // What an earlier log acknowledged counts for nothing now: unmarked, the relay tells it again.
    const marks = taken.filter((mark) => mark.logId === logId)
    const acknowledged = this.#acknowledged
    if (!logId) return
    try {
      // Noted before it is marked: a log that loses its end is found out by what was noted
      // (decision 0073: a log that is made again).
      if (acknowledged && acknowledged.logId === logId && acknowledged !== this.#noted) {
        await store.noteAcknowledged(logId, acknowledged)
        this.#noted = acknowledged
      }
      if (marks.length > 0) await store.markPublished(logId, marks)
    } catch (error) {
      logger.warn({ error: error as Error, count: marks.length }, 'published commits not marked')
    }
  }
}
