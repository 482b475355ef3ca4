import { type EpochMs, epochMs } from '../../shared/kernel/ids.ts'
import type { Logger } from '../../shared/kernel/logger.ts'
import type { Meter } from '../../shared/metrics/meter.ts'
import type { EventStore } from '../../shared/ports/event-store.ts'
import type { ToldStreams } from './thread/index.ts'
import { type ComparedStore, compareStreams, publishedWithinMs } from './verification/index.ts'

type Parts = Readonly<{
  store: Pick<EventStore, 'heads' | 'read' | 'revocationsAfter' | 'liveSessions' | 'relayScan'>
  logger: Logger
  meter: Meter
}>

const shownMax = 10

const nothing: ComparedStore = { isOlder: false, waiting: 0, findings: [], count: 0 }

const sum = (one: ComparedStore, other: ComparedStore): ComparedStore => ({
  isOlder: one.isOlder || other.isOlder,
  waiting: one.waiting + other.waiting,
  findings: [...one.findings, ...other.findings].slice(0, shownMax),
  count: one.count + other.count,
})

/**
 * The streams of the trail against the store, whenever the trail is verified. Streams that the
 * trail does not have at all are for `curfew audit verify --store`.
 */
export class DailyStoreComparison {
  readonly #parts: Parts
  #before: Promise<EpochMs>
  #running: Promise<ComparedStore> = Promise.resolve(nothing)

  constructor(parts: Parts) {
    this.#parts = parts
    this.#before = Promise.resolve(epochMs(0))
  }

  /** The trail is about to be read. */
  begin(): void {
    const { store } = this.#parts
    this.#before = store
      .relayScan(1)
      .then(({ tick }) => epochMs(Math.max(0, tick.t - publishedWithinMs)))
    this.#before.catch(() => {}) // Whoever compares meets it.
    this.#running = Promise.resolve(nothing)
  }

  take({ newest, completeFromMs }: ToldStreams): void {
    const { store } = this.#parts
    const streams = { newest: new Map(newest), completeFromMs }
    this.#running = this.#running.then(async (before) =>
      sum(before, await compareStreams({ store, streams, before: await this.#before })),
    )
    this.#running.catch(() => {}) // The end meets it.
  }

  /** All of it was told. */
  async end(): Promise<void> {
    const { logger, meter } = this.#parts
    try {
      const { isOlder, count, findings: first } = await this.#running
      meter.set('curfew_trail_store_findings', {}, count)
      if (count === 0) return
      const text = isOlder
        ? 'the event store is older than the trail: a backup was restored, or it is another store'
        : 'the event store has events that the trail lacks'
      logger.error({ findings: count, first }, text)
    } catch (error) {
      logger.warn({ error: error as Error }, 'the trail could not be compared with the event store')
    }
  }
}
