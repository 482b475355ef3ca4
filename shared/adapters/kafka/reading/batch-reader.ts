import type { Consumer, EachBatchPayload } from 'kafkajs'
import type { RawRecord, Topic } from '../../../events/log-record.ts'
import type { Clock } from '../../../kernel/clock.ts'
import type { EventLog, FollowOptions, LogBatch } from '../../../ports/event-log.ts'
import { logUnavailable } from '../client/kafka-client.ts'
import { toRawRecord } from '../protocol/raw-record.ts'
import type { ReadingBackoff } from './reading-backoff.ts'

/** Where one reader stands in one partition. */
type Place = {
  /** The offset that it wants next. */
  next: number
  /** Whether it asked the broker for `next` and still got something else. */
  sought: boolean
}

type BatchSpan = Readonly<{ first: number; last: number; end: number }>

/**
 * What to do with a batch that the broker gave, for a reader that stands at `place`. Pure.
 * - `deliver`: from `next`, or all of it when it begins above: `next` is below the log's start, and
 *   the gap shows.
 * - `restart`: `next` lies past the end that came with the batch. Once the log is known to end
 *   there, it is not the log that the reader knew, and all of it is delivered.
 * - `seek`: the group began elsewhere (kafkajs starts every generation at the log's start).
 */
const batchOffsets = (
  { first, last, end }: BatchSpan,
  place: Place,
): 'deliver' | 'seek' | 'restart' => {
  if (place.next > end) return 'restart'
  if (first <= place.next && place.next <= last) return 'deliver'
  if (last < place.next) return 'seek'
  return place.sought ? 'deliver' : 'seek'
}

type BatchReaderParts = Readonly<{
  clock: Clock
  prefix: string
  options: FollowOptions
  endsBelow: EventLog['endsBelow']
  onTrouble: (error: Error) => void
  /** A batch was handled. */
  onRead: () => void
  backoff: ReadingBackoff
  stop: AbortSignal
}>

type Span = Readonly<{ topic: Topic; partition: number; end: number }>

const recordsPerCall = 1_000
const heartbeatEveryMs = 1_000

/** Heartbeats while `work` runs: a slow batch must not look like a dead reader. */
const whileBeating = async (
  clock: Clock,
  heartbeat: () => Promise<void>,
  work: Promise<void>,
): Promise<void> => {
  const done = new AbortController()
  const beat = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(heartbeatEveryMs, done.signal)
      if (done.signal.aborted) return
      await heartbeat()
    }
  }
  // A rebalance that a heartbeat learns of is met again, and handled, by kafkajs after the batch.
  const beating = beat().catch(() => {})
  try {
    await work
  } finally {
    done.abort()
    await beating
  }
}

const chunks = <T>(items: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  )

/** Hands one consumer's batches to `onBatch`, from where `resumeAt` says. */
export class BatchReader {
  readonly #parts: BatchReaderParts
  readonly #consumer: Consumer
  /** Calls of `onBatch` under way. */
  readonly #running = new Set<Promise<void>>()
  #places = new Map<string, Place>()

  constructor(parts: BatchReaderParts, consumer: Consumer) {
    this.#parts = parts
    this.#consumer = consumer
  }

  /** To be called with each assignment: meanwhile another reader may have moved on. */
  forgetPlaces(): void {
    this.#places = new Map()
  }

  isBusy(): boolean {
    return this.#running.size > 0
  }

  async settled(): Promise<void> {
    await Promise.allSettled([...this.#running])
  }

  /** Never rejects: kafkajs would crash the consumer, and for a TypeError never start it again. */
  async take(payload: EachBatchPayload): Promise<void> {
    const { clock, backoff, onRead, onTrouble } = this.#parts
    const key = `${payload.batch.topic}/${payload.batch.partition}`
    // With each place in a group, kafkajs forgets that the partition was paused.
    const leftMs = backoff.leftMs(key)
    if (leftMs > 0) return this.#repeatLater(payload, leftMs)
    try {
      await whileBeating(clock, payload.heartbeat, this.#read(payload))
      backoff.succeeded(key)
      onRead()
    } catch (error) {
      onTrouble(error instanceof Error ? error : new Error(String(error)))
      this.#repeatLater(payload, backoff.failed(key))
    }
  }

  /**
   * The partition pauses, others go on; nothing was resolved, so the same offset is fetched
   * again.
   */
  #repeatLater(payload: EachBatchPayload, waitMs: number): void {
    const { clock, stop } = this.#parts
    const resume = payload.pause()
    void clock.sleep(waitMs, stop).then(resume)
  }

  async #read(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload
    const { partition } = batch
    const topic = batch.topic.slice(this.#parts.prefix.length) as Topic
    const place = await this.#placeOf(topic, partition)
    const records = batch.messages.map((message) => toRawRecord(topic, partition, message))
    const first = records[0]?.offset
    const last = records.at(-1)?.offset
    if (first === undefined || last === undefined) return
    const end = Number(batch.highWatermark)
    const step = batchOffsets({ first, last, end }, place)
    if (step === 'seek') return this.#moveTo(payload, place, place.next)
    // A leader that was just elected knows of less than it holds.
    if (step === 'restart' && !(await this.#parts.endsBelow({ topic, partition }, place.next))) {
      this.#moveTo(payload, place, place.next)
      place.sought = false
      return
    }
    if (step === 'restart') {
      const what = `${topic} ends at ${end}, below ${place.next}: it began anew`
      this.#parts.onTrouble(logUnavailable(what))
    }
    const isWanted = ({ offset }: RawRecord): boolean => step === 'restart' || offset >= place.next
    await this.#deliver(payload, place, { topic, partition, end }, records.filter(isWanted))
  }

  async #placeOf(topic: Topic, partition: number): Promise<Place> {
    const places = this.#places
    const key = `${topic}/${partition}`
    const known = places.get(key)
    if (known) return known
    const next = await this.#parts.options.resumeAt({ topic, partition })
    const place = { next, sought: false }
    places.set(key, place)
    return place
  }

  async #deliver(
    payload: EachBatchPayload,
    place: Place,
    span: Span,
    records: readonly RawRecord[],
  ): Promise<void> {
    const places = this.#places
    const parts = chunks(records, recordsPerCall)
    for (const [index, some] of parts.entries()) {
      const last = some.at(-1)
      if (!last || this.#parts.stop.aborted) return
      const more = index + 1 < parts.length
      const batch = { ...span, end: Math.max(span.end, last.offset + 1), records: some, more }
      const movedTo = await this.#tell(batch)
      // After a rebalance kafkajs would fail on an offset of a partition that it lost meanwhile.
      if (this.#places !== places) return
      if (movedTo !== null) return this.#moveTo(payload, place, movedTo)
      place.next = last.offset + 1
      place.sought = false
      payload.resolveOffset(String(last.offset))
    }
  }

  #moveTo({ batch }: EachBatchPayload, place: Place, offset: number): void {
    place.next = offset
    place.sought = true
    const { topic, partition } = batch
    this.#consumer.seek({ topic, partition, offset: String(offset) })
  }

  /** Where the reader wants to go on, if not behind the batch. */
  async #tell(batch: LogBatch): Promise<number | null> {
    let movedTo: number | null = null
    const call = this.#parts.options.onBatch(batch, (offset) => {
      movedTo = offset
    })
    this.#running.add(call)
    try {
      await call
      return movedTo
    } finally {
      this.#running.delete(call)
    }
  }
}
