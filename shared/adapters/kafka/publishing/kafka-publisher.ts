import type { Producer } from 'kafkajs'
import type { LogRecord } from '../../../events/log-record.ts'
import type { Clock } from '../../../kernel/clock.ts'
import { AuthError, isAuthError } from '../../../kernel/errors.ts'
import type { Logger } from '../../../kernel/logger.ts'
import { withTimeout } from '../../../kernel/retry.ts'
import type { AuthorizationFailures } from '../authorization/authorization-failures.ts'
import { DeniedTopics } from '../authorization/denied-topics.ts'
import { logUnavailable } from '../client/kafka-client.ts'
import { isBrokerAnswer } from '../connection/is-broker-answer.ts'
import type { ConnectionKeeper, KafkaConnection } from '../connection/kafka-connection.ts'
import { topicSetting } from '../topics/topic-setting.ts'
import type { TopicWatch } from '../topics/topic-watch.ts'
import { BatchLimits } from './batch-limits.ts'
import { isClosed, isTooLarge, produceFailure, throttled } from './produce-failure.ts'
import { produceLanes, type Send } from './produce-lanes.ts'
import {
  countFitting,
  produce,
  type Request,
  requestOf,
  sizeOf,
  splitInHalves,
} from './produce-request.ts'
import { delayedWhileThrottled } from './throttled-producers.ts'

const publishPatienceMs = 1_500
/** A quota holds requests back for seconds; sent again, they would be charged again. */
const throttledPatienceMs = 5_000
const tellAgainMs = 60_000
const settingPatienceMs = 1_000

export type PublisherParts = Readonly<{
  clock: Clock
  logger: Logger
  keeper: ConnectionKeeper
  watch: TopicWatch
  denials: AuthorizationFailures
  prefix: string
  onContact: (succeeded: boolean) => void
}>

class KafkaPublisher {
  readonly #parts: PublisherParts
  readonly #limits: BatchLimits
  readonly #denied: DeniedTopics
  #acknowledgedAt: number
  #heldBack = 0
  #toldAt = Number.NEGATIVE_INFINITY

  constructor(parts: PublisherParts) {
    this.#parts = parts
    this.#limits = new BatchLimits(parts.clock)
    this.#denied = new DeniedTopics(parts)
    this.#acknowledgedAt = parts.clock.monotonicMs()
  }

  readonly sendAll = async (records: readonly LogRecord[]): Promise<readonly number[]> => {
    const { keeper, watch, prefix } = this.#parts
    const connection = keeper.current()
    watch.check(records)
    await this.#checkThere(records, connection)
    const offsets: number[] = []
    while (offsets.length < records.length) {
      const from = offsets.length
      const count = countFitting(records, from, this.#limits.request())
      const request = requestOf(records.slice(from, from + count), connection, prefix)
      offsets.push(...(await this.#sendInParts(connection, request)))
    }
    return offsets
  }

  /** Before anything is sent, so that what is refused takes nobody else's records with it. */
  checkSizes(records: readonly LogRecord[]): void {
    this.#denied.check(records)
    for (const record of records) {
      const known = this.#limits.refusal(this.#parts.prefix + record.topic, sizeOf(record))
      if (known) throw known.why
    }
  }

  /** What `sending` brings; rejects when nothing was acknowledged for a while, to anybody. */
  async patiently<T>(sending: Promise<T>): Promise<T> {
    const { clock } = this.#parts
    const timer = new AbortController()
    const settled = sending.then(
      () => true,
      () => true,
    )
    for (;;) {
      const seen = this.#acknowledgedAt
      const late = clock.sleep(publishPatienceMs, timer.signal).then(() => false)
      if (await Promise.race([settled, late])) break
      if (this.#acknowledgedAt === seen && this.#heldBack === 0) throw logUnavailable('publish')
    }
    timer.abort()
    return sending
  }

  /** A topic that was not there when the link was made may be there now, or be hidden from us. */
  async #checkThere(records: readonly LogRecord[], connection: KafkaConnection): Promise<void> {
    const { keeper, prefix } = this.#parts
    const names = [...new Set(records.map(({ topic }) => prefix + topic))]
    const absent = names.filter((name) => !connection.topics.partitions.has(name))
    if (absent.length === 0) return
    const what = `topics ${absent.join(', ')}`
    try {
      await connection.admin.fetchTopicMetadata({ topics: absent })
    } catch (error) {
      throw this.#denied.refusal(error, absent) ?? logUnavailable(what, error)
    }
    keeper.discard(connection)
    throw logUnavailable(`${what} were made a moment ago`)
  }

  /** A batch that the broker finds too large goes in halves, until one record is too large. */
  async #sendInParts(connection: KafkaConnection, request: Request): Promise<number[]> {
    try {
      return await this.#send(connection, request)
    } catch (error) {
      if (!isTooLarge(error)) throw error
      const [record, ...others] = request.records
      if (record && others.length === 0) throw await this.#refused(connection, record, error)
      this.#limits.requestRefused(request.bytes)
      const offsets: number[] = []
      for (const half of splitInHalves(request))
        offsets.push(...(await this.#sendInParts(connection, half)))
      return offsets
    }
  }

  async #refused(
    { admin }: KafkaConnection,
    record: LogRecord,
    cause: unknown,
  ): Promise<AuthError> {
    const { clock, prefix } = this.#parts
    const topic = prefix + record.topic
    const bytes = sizeOf(record)
    const late = (): Error => logUnavailable('settings')
    const asked = topicSetting(admin, topic, 'max.message.bytes')
    const value = await withTimeout(clock, settingPatienceMs, asked, late).catch(() => null)
    const now = value === null ? 'its value is not known' : `now ${value}`
    const what = `${topic} refuses a record of about ${bytes} bytes`
    const text = `${what}: raise its max.message.bytes (${now})`
    const refusal = new AuthError('LOG_RECORD_TOO_LARGE', text, { cause })
    this.#limits.recordRefused(topic, bytes, refusal)
    return refusal
  }

  async #send(connection: KafkaConnection, request: Request): Promise<number[]> {
    const { producer } = connection
    const { clock, keeper, onContact } = this.#parts
    if (!producer) throw new AuthError('INTERNAL', 'this log was opened for reading')
    try {
      const offsets = await this.#answer(producer, produce(producer, request))
      this.#acknowledgedAt = clock.monotonicMs()
      onContact(true)
      return offsets
    } catch (error) {
      if (isTooLarge(error)) throw error
      if (isClosed(error) && request.records.length > 1) this.#limits.requestRefused(request.bytes)
      const topics = [...new Set(request.places.map(({ topic }) => topic))]
      const failure =
        this.#denied.refusal(error, topics) ??
        produceFailure(error, { topics, bytes: request.bytes })
      // A call that is late while others are served is no reason to cut the connection under them.
      const isServed = clock.monotonicMs() - this.#acknowledgedAt < publishPatienceMs
      if (isAuthError(error, 'LOG_UNAVAILABLE') && isServed) throw error
      if (!isBrokerAnswer(failure)) keeper.discard(connection)
      onContact(false)
      throw failure
    }
  }

  async #answer(producer: Producer, answer: Promise<number[]>): Promise<number[]> {
    const { clock, logger } = this.#parts
    const isHeldBack = delayedWhileThrottled(producer)
    const late = logUnavailable('publish')
    try {
      return await withTimeout(clock, publishPatienceMs, answer, () => late)
    } catch (error) {
      if (error !== late || !isHeldBack()) throw error
    }
    if (clock.monotonicMs() - this.#toldAt >= tellAgainMs) {
      this.#toldAt = clock.monotonicMs()
      logger.warn({ error: throttled() }, 'publishing is held back')
    }
    this.#heldBack += 1
    try {
      return await withTimeout(clock, throttledPatienceMs, answer, throttled)
    } finally {
      this.#heldBack -= 1
    }
  }
}

/**
 * Publishes one call's records in one produce request; in several, one after another, above
 * 768 KiB, and above what the broker was seen to take.
 * - Rejects with LOG_UNAVAILABLE when nothing was acknowledged for 1.5 s, or at once while not
 *   connected; with LOG_THROTTLED where a quota held it back for longer; LOG_REPLICAS_MISSING.
 * - Rejects with LOG_RECORD_TOO_LARGE when one record alone is more than its topic takes: of what
 *   came with it nothing is in the log, but at the first time.
 * - Revocations are refused with LOG_TOPIC_WRONG while their topic would not keep them.
 * - The records of a rejected call may be in the log, or get there a moment later.
 */
export const kafkaPublisher = (parts: PublisherParts): Send => {
  const publisher = new KafkaPublisher(parts)
  const lanes = produceLanes(publisher.sendAll)
  return async (records) => {
    parts.keeper.current()
    parts.watch.check(records)
    publisher.checkSizes(records)
    return publisher.patiently(lanes(records))
  }
}
