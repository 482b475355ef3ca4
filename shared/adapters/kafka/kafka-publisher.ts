import { type Message, Partitioners, type Producer, type RecordMetadata } from 'kafkajs'
import type { LogRecord, Topic } from '../../events/record.ts'
import type { Clock } from '../../kernel/clock.ts'
import { AuthError, isAuthError } from '../../kernel/errors.ts'
import { within } from '../../kernel/retry.ts'
import { logUnavailable } from './kafka-client.ts'
import type { Link, LinkKeeper } from './kafka-link.ts'
import { produceLanes, type Send } from './produce-lanes.ts'
import type { TopicWatch } from './topic-watch.ts'

/** A produce request, with where each of its records goes. */
type Request = { records: LogRecord[]; places: { topic: string; partition: number }[] }

// A broker takes batches of 1 MiB per partition by default, and refuses the whole of a greater one.
const requestBytesMax = 768 * 1024
const publishPatienceMs = 1_500

const sizeOf = ({ key, value, headers }: LogRecord): number => {
  const pairs = Object.entries(headers).flat()
  return [key, value, ...pairs].reduce((sum, text) => sum + Buffer.byteLength(text) + 4, 32)
}

const partitionOf = Partitioners.DefaultPartitioner()

/**
 * The partition of a key: murmur2, as Java's producers do it, so other tools find a person's
 * events too.
 */
export const partitionFor = (topic: string, key: string, partitions: number): number => {
  if (partitions === 1) return 0
  const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({
    partitionId,
    partitionErrorCode: 0,
    leader: 0,
    replicas: [],
    isr: [],
  }))
  return partitionOf({ topic, partitionMetadata, message: { key, value: null } })
}

/** Whatever the broker has: the order of revocations is that of one partition. */
const partitionsOf = (topic: Topic, found: number | undefined): number | undefined =>
  found !== undefined && topic === 'auth.revocations' ? 1 : found

const checkSizes = (records: readonly LogRecord[]): void => {
  for (const record of records) {
    const size = sizeOf(record)
    if (size <= requestBytesMax) continue
    throw new AuthError('COMMIT_TOO_LARGE', `a record of ${size} bytes exceeds the log's limit`)
  }
}

const requestsFor = (
  records: readonly LogRecord[],
  { seen: { partitions } }: Link,
  prefix: string,
): readonly Request[] => {
  const requests: Request[] = []
  let room = 0
  for (const record of records) {
    const topic = prefix + record.topic
    const count = partitionsOf(record.topic, partitions.get(topic)?.count)
    if (count === undefined) throw logUnavailable(`topic ${topic} is absent`)
    const size = sizeOf(record)
    let request = requests.at(-1)
    if (!request || size > room) {
      request = { records: [], places: [] }
      requests.push(request)
      room = requestBytesMax
    }
    room -= size
    request.records.push(record)
    request.places.push({ topic, partition: partitionFor(topic, record.key, count) })
  }
  return requests
}

const placeKey = ({ topic, partition }: { topic: string; partition: number }): string =>
  `${topic}/${partition}`

const firstOffsets = (answers: readonly RecordMetadata[]): Map<string, number> =>
  new Map(
    answers.map(({ topicName, partition, baseOffset }) => [
      placeKey({ topic: topicName, partition }),
      Number(baseOffset),
    ]),
  )

/**
 * One request; its records of one partition form one batch there, so their offsets follow one
 * another.
 */
const produce = async (producer: Producer, { records, places }: Request): Promise<number[]> => {
  const byTopic = new Map<string, Message[]>()
  places.forEach(({ topic, partition }, index) => {
    const record = records[index]
    if (!record) return
    const messages = byTopic.get(topic) ?? []
    byTopic.set(topic, messages)
    messages.push({ key: record.key, value: record.value, headers: record.headers, partition })
  })
  const topicMessages = [...byTopic].map(([topic, messages]) => ({ topic, messages }))
  const next = firstOffsets(await producer.sendBatch({ acks: -1, timeout: 1_000, topicMessages }))
  return places.map((place) => {
    const offset = next.get(placeKey(place))
    if (offset === undefined) throw logUnavailable('an answer without offsets')
    next.set(placeKey(place), offset + 1)
    return offset
  })
}

export type PublisherParts = Readonly<{
  clock: Clock
  keeper: LinkKeeper
  watch: TopicWatch
  prefix: string
  onContact: (succeeded: boolean) => void
}>

/**
 * Publishes one call's records in one produce request (several, one after another, above 768 KiB).
 * Revocations are refused with LOG_TOPIC_WRONG while their topic would not keep them.
 * Bounded: rejects with LOG_UNAVAILABLE after 1.5 s, or at once while not connected. The
 * records of a rejected call may be in the log, or get there a moment later.
 */
export const kafkaPublisher = (parts: PublisherParts): Send => {
  const { clock, keeper, watch, prefix, onContact } = parts
  let acknowledgedAt = clock.monotonicMs()

  const send = async (link: Link, request: Request): Promise<number[]> => {
    const { producer } = link
    if (!producer) throw new AuthError('INTERNAL', 'this log was opened for reading')
    try {
      const late = (): Error => logUnavailable('publish')
      const offsets = await within(clock, publishPatienceMs, produce(producer, request), late)
      acknowledgedAt = clock.monotonicMs()
      onContact(true)
      return offsets
    } catch (error) {
      // A call that is late while others are served is no reason to cut the connection under them.
      const isServed = clock.monotonicMs() - acknowledgedAt < publishPatienceMs
      if (isAuthError(error) && isServed) throw error
      keeper.discard(link)
      onContact(false)
      throw isAuthError(error) ? error : logUnavailable('publish', error)
    }
  }

  const lanes = produceLanes(async (records) => {
    const link = keeper.current()
    watch.check(records)
    const offsets: number[] = []
    for (const request of requestsFor(records, link, prefix)) {
      offsets.push(...(await send(link, request)))
    }
    return offsets
  })
  return async (records) => {
    keeper.current()
    watch.check(records)
    checkSizes(records)
    return within(clock, publishPatienceMs, lanes(records), () => logUnavailable('publish'))
  }
}
