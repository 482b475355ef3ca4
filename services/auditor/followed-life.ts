import { madeEvents } from '../../shared/events/made-records.ts'
import type { MacRing } from '../../shared/events/record-mac.ts'
import type { LogId } from '../../shared/kernel/ids.ts'
import type { EventLog, Following, LogBatch, Partition } from '../../shared/ports/event-log.ts'
import type { TrailThread } from './thread/index.ts'

type LifeParts = Readonly<{
  log: EventLog
  thread: TrailThread
  logId: LogId
  /** Of events: what this process signed itself needs no look. */
  ring: MacRing
  /** As the trail names it. */
  life: string
  sizes: ReadonlyMap<number, number>
}>

/** Hands the records of one life of the log to the thread, from where the trail ends. */
export class FollowedLife {
  readonly #parts: LifeParts
  /** The next offset of each partition. */
  readonly #next: Map<number, number>
  #following: Following | null = null
  #underWay: Promise<void> = Promise.resolve()

  constructor(parts: LifeParts) {
    this.#parts = parts
    this.#next = new Map(parts.sizes)
  }

  get logId(): LogId {
    return this.#parts.logId
  }

  async follow(onTrouble: (error: Error) => void): Promise<void> {
    this.#following = await this.#parts.log.follow({
      topics: ['auth.events'],
      group: null,
      resumeAt: (partition) => this.#resumeAt(partition),
      onBatch: (batch) => this.#take(batch),
      onTrouble,
    })
  }

  async stop(): Promise<void> {
    await this.#following?.stop()
    this.#following = null
  }

  /**
   * At the last record that the trail has: it is compared. A log that ends below it may bring no
   * batch at all, so that is asked here.
   */
  async #resumeAt(partition: Partition): Promise<number> {
    const { log, thread, life } = this.#parts
    const next = this.#next.get(partition.partition) ?? 0
    if (next > 0 && (await log.endsBelow(partition, next))) {
      const { end } = await log.bounds(partition)
      await thread.add(life, { ...partition, records: [], end }, [])
    }
    return Math.max(0, next - 1)
  }

  /**
   * While the thread works on one batch the next one is read. What fails in the thread ends it, and
   * the next one goes on from the disk: the batch behind need not hear of it.
   */
  async #take(batch: LogBatch): Promise<void> {
    const { thread, life, ring } = this.#parts
    await this.#underWay
    const isSigned = batch.records.map((record) => madeEvents.of(record, ring) !== null)
    const adding = thread.add(life, batch, isSigned)
    adding.catch(() => {}) // The next batch meets it, or the end of the thread.
    this.#underWay = adding
    if (!batch.more) await adding
    const next = (batch.records.at(-1)?.offset ?? -1) + 1
    this.#next.set(batch.partition, Math.max(next, this.#next.get(batch.partition) ?? 0))
  }
}
