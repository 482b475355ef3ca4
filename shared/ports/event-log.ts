import type { LogRecord, RawRecord, Topic } from '../events/log-record.ts'

export type Partition = Readonly<{ topic: Topic; partition: number }>

export type LogBatch = Readonly<
  Partition & {
    records: readonly RawRecord[]
    /**
     * One past the newest record of the partition, as known with this batch. It lies below what was
     * wanted next only when the log `endsBelow` it: then all that there is is delivered.
     */
    end: number
    /**
     * The log has the next batch at hand, and brings it as soon as this one is handled: a reader
     * that writes may wait for it. It does not come when reading stops, or begins anew.
     */
    more?: boolean
  }
>

export type FollowOptions = Readonly<{
  topics: readonly Topic[]
  /**
   * Members of one group share the partitions; `null` reads everything alone and stores nothing.
   */
  group: string | null
  /**
   * Asked whenever a partition is handed to this reader: the next offset wanted. Below the log's
   * start, reading begins at the start and `onBatch` sees the gap.
   */
  resumeAt: (partition: Partition) => Promise<number>
  /**
   * Batches of one partition come in order, one at a time. A rejection pauses and repeats the
   * batch. With `goOnAt` the reader asks for another place: the next batch begins there.
   */
  onBatch: (batch: LogBatch, goOnAt: (offset: number) => void) => Promise<void>
  /** Trouble that the reader gets over by itself; for logs and readiness. */
  onTrouble?: (error: Error) => void
}>

/** A topic whose setting is not what the log's promises need, as it was last looked at. */
export type TopicMistake = Readonly<{
  /** The name on the broker. */
  topic: string
  setting: string
  value: string
  wanted: string
  /** What an operator types to mend it. */
  command: string
  /**
   * Revocations could be lost, or their order: nothing is published to `auth.revocations` while it
   * lasts, so revocations are pending and no closed time is written.
   */
  stops: boolean
}>

export interface Following {
  /** Resolves when no `onBatch` runs any more. */
  stop(): Promise<void>
}

/**
 * The published, ordered, replayable copy that everyone else reads.
 * - `publish` resolves once all records are acknowledged, with their offsets; each topic's records
 *   keep their order.
 * - At least once: a record may lie in the log twice, also when `publish` rejected. Readers
 *   deduplicate by `ce_id`.
 * - `auth.revocations` has one partition, numbered 0; offsets grow by one with each record, but a
 *   log may leave out closed times that a newer one follows.
 * - Not promised: order between topics, partitions, or calls of `publish`.
 * Methods reject with LOG_UNAVAILABLE when the log does not answer in time, with LOG_DENIED when it
 * refuses this process a right; `publish` of a record
 * of `auth.revocations` with LOG_TOPIC_WRONG, at once, while a mistake `stops` it.
 */
export interface EventLog {
  publish(records: readonly LogRecord[]): Promise<readonly number[]>
  partitions(topic: Topic): Promise<number>
  /** First kept offset, and one past the newest. */
  bounds(partition: Partition): Promise<Readonly<{ start: number; end: number }>>
  /**
   * Whether the log really ends below `offset`: asked more than once, over time, where an answer
   * may be out of date. So it may take seconds to say yes; never to say no.
   */
  endsBelow(partition: Partition, offset: number): Promise<boolean>
  recordAt(partition: Partition, offset: number): Promise<RawRecord | null>
  follow(options: FollowOptions): Promise<Following>
  /** Whether the last contact succeeded; for readiness. */
  healthy(): boolean
  /** Wrong settings of its topics, known without a question; none where there are no settings. */
  mistakes(): readonly TopicMistake[]
  /** Rights that the log refuses this process now: who may not do what, and what grants it. */
  denials(): readonly string[]
  close(): Promise<void>
}
