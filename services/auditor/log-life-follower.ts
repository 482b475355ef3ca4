import { decodedEvents } from '../../shared/events/decoded-record-cache.ts'
import type { MacRing } from '../../shared/events/record-mac.ts'
import type { LogId } from '../../shared/kernel/ids.ts'
import { aborted } from '../../shared/kernel/lifecycle.ts'
import type { EventLog, Following, LogBatch, Partition } from '../../shared/ports/event-log.ts'
import type { TrailWorkerHost } from './thread/index.ts'

type LifeParts = Readonly<{
  log: EventLog
  thread: TrailWorkerHost
  logId: LogId
  /**
   * The ring that signs events: a record that this process signed itself need not be verified
   * again.
   */
  ring: MacRing
  /** As the trail names it. */
  life: string
  sizes: ReadonlyMap<number, number>
}>

/** Hands the records of one life of the log to the thread, from where the trail ends. */
export class LogLifeFollower {
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

  /**
   * Reads the log again from its start and has the thread compare it with the trail: a record that
   * is another one now is an alarm. Resolves when it came to where the trail was, or `signal`
   * aborts.
   */
  async compare(signal: AbortSignal): Promise<void> {
    const goals = new Map([...this.#next].filter(([, next]) => next > 0))
    const { log, thread, life } = this.#parts
    const over = new AbortController()
    const following = await log.follow({
      topics: ['auth.events'],
      group: null,
      resumeAt: async () => 0,
      onBatch: async (batch) => {
        const goal = goals.get(batch.partition) ?? 0
        const records = batch.records.filter(({ offset }) => offset < goal)
        // Meanwhile the trail went on, past the end that came with the batch.
        const compared = { ...batch, records, end: Number.MAX_SAFE_INTEGER }
        if (records.length > 0) await thread.add(life, compared, [])
        const last = batch.records.at(-1)
        if (last && last.offset + 1 >= goal) goals.delete(batch.partition)
        if (goals.size === 0) over.abort()
      },
    })
    if (goals.size > 0) await aborted(AbortSignal.any([signal, over.signal]))
    await following.stop()
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

  /** An end below what was read is believed when the log says so again, over time. */
  async #endOf({ topic, partition, end }: LogBatch): Promise<number> {
    const next = this.#next.get(partition) ?? 0
    const isShorter = end < next && (await this.#parts.log.endsBelow({ topic, partition }, next))
    return isShorter ? end : Math.max(end, next)
  }

  /**
   * While the thread works on one batch the next one is read. What fails in the thread ends it, and
   * the next one goes on from the disk: the batch behind need not hear of it.
   */
  async #take(batch: LogBatch): Promise<void> {
    const { thread, life, ring } = this.#parts
    await this.#underWay
    const isSigned = batch.records.map((record) => decodedEvents.of(record, ring) !== null)
    const adding = thread.add(life, { ...batch, end: await this.#endOf(batch) }, isSigned)
    adding.catch(() => {}) // The next batch meets it, or the end of the thread.
    this.#underWay = adding
    if (!batch.more) await adding
    const next = (batch.records.at(-1)?.offset ?? -1) + 1
    this.#next.set(batch.partition, Math.max(next, this.#next.get(batch.partition) ?? 0))
  }
}
