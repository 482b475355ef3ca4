import type { Consumer } from 'kafkajs'
import type { EventLog, FollowOptions } from '../../../ports/event-log.ts'
import {
  disposeOf,
  type KafkaAccess,
  type KafkaClient,
  logUnavailable,
  newKafkaClient,
} from '../client/kafka-client.ts'
import { BatchReader } from './batch-reader.ts'
import type { ReadingBackoff } from './reading-backoff.ts'

export type ConsumerSessionParts = Readonly<{
  access: KafkaAccess
  prefix: string
  groupId: string
  options: FollowOptions
  endsBelow: EventLog['endsBelow']
  /** A sign of life: joined, fetched. */
  onAlive: () => void
  onTrouble: (error: Error) => void
  onRead: () => void
  backoff: ReadingBackoff
  stop: AbortSignal
}>

// Joining takes up to `rebalanceTimeout`; a consumer that does nothing for longer died in silence.
const silenceMs = 25_000

const newConsumer = (client: KafkaClient, groupId: string): Consumer =>
  client.kafka.consumer({
    groupId,
    sessionTimeout: 10_000,
    heartbeatInterval: 2_000,
    rebalanceTimeout: 15_000,
    minBytes: 1,
    maxWaitTimeInMs: 250,
    // A foreign transaction that hangs would hold back everything behind it.
    readUncommitted: true,
    allowAutoTopicCreation: false,
  })

const aborted = (signal: AbortSignal, over: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { signal: over })
  })

/** Rejects when the consumer crashes, or shows no sign of life although no batch keeps it busy. */
const failureOf = (
  { access: { clock }, onAlive }: ConsumerSessionParts,
  consumer: Consumer,
  reader: BatchReader,
  over: AbortSignal,
): Promise<never> =>
  new Promise((_, reject) => {
    let aliveAt = clock.monotonicMs()
    const alive = (): void => {
      aliveAt = clock.monotonicMs()
      onAlive()
    }
    consumer.on(consumer.events.FETCH, alive)
    consumer.on(consumer.events.GROUP_JOIN, () => {
      reader.forgetPlaces()
      alive()
    })
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error))
    const watch = async (): Promise<void> => {
      while (!over.aborted) {
        await clock.sleep(1_000, over)
        if (reader.isBusy()) aliveAt = clock.monotonicMs()
        if (clock.monotonicMs() - aliveAt < silenceMs) continue
        return reject(logUnavailable(`the consumer was silent for ${silenceMs} ms`))
      }
    }
    void watch()
  })

/**
 * One life of one consumer. Resolves after `stop`; rejects with what ended it, and never restarts
 * by itself: kafkajs restarts after some errors and falls silent for good after others, so the
 * follower makes a new one after any.
 */
export const runConsumerSession = async (parts: ConsumerSessionParts): Promise<void> => {
  const { access, prefix, groupId, options, stop } = parts
  const { clock } = access
  const client = newKafkaClient(access, {
    retries: 4,
    initialRetryTime: 50,
    maxRetryTime: 500,
    restartOnFailure: () => Promise.resolve(false),
  })
  const consumer = newConsumer(client, groupId)
  const reader = new BatchReader({ ...parts, clock }, consumer)
  const over = new AbortController()
  const stopped = aborted(stop, over.signal)
  const read = async (): Promise<void> => {
    await consumer.connect()
    const topics = options.topics.map((topic) => prefix + topic)
    await consumer.subscribe({ topics, fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: (payload) => reader.take(payload),
    })
    await stopped
  }
  try {
    await Promise.race([read(), stopped, failureOf(parts, consumer, reader, over.signal)])
  } finally {
    over.abort()
    await reader.settled()
    await disposeOf(clock, client, [consumer])
  }
}
