import { type Message, Partitioners, type Producer, type RecordMetadata } from 'kafkajs'
import type { LogRecord, Topic } from '../../../events/log-record.ts'
import { logUnavailable } from '../client/kafka-client.ts'
import type { KafkaConnection } from '../connection/kafka-connection.ts'

type Place = Readonly<{ topic: string; partition: number }>
/** A produce request, with where each of its records goes. */
export type Request = Readonly<{
  records: readonly LogRecord[]
  places: readonly Place[]
  bytes: number
}>

/** No less than what the record takes in a batch. */
export const sizeOf = ({ key, value, headers }: LogRecord): number => {
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

const bytesOf = (records: readonly LogRecord[]): number =>
  records.reduce((sum, record) => sum + sizeOf(record), 0)

export const requestOf = (
  records: readonly LogRecord[],
  { topics: { partitions } }: KafkaConnection,
  prefix: string,
): Request => {
  const places = records.map(({ topic: name, key }) => {
    const topic = prefix + name
    const count = partitionsOf(name, partitions.get(topic)?.count)
    if (count === undefined) throw logUnavailable(`topic ${topic} is absent`)
    return { topic, partition: partitionFor(topic, key, count) }
  })
  return { records, places, bytes: bytesOf(records) }
}

/** How many of `records`, from `from` on, fit into `bytesMax`; one at least. */
export const countFitting = (
  records: readonly LogRecord[],
  from: number,
  bytesMax: number,
): number => {
  let bytes = 0
  let count = 0
  for (let record = records[from]; record; record = records[from + count]) {
    bytes += sizeOf(record)
    if (count > 0 && bytes > bytesMax) break
    count += 1
  }
  return count
}

export const splitInHalves = ({ records, places }: Request): readonly Request[] => {
  const middle = Math.ceil(records.length / 2)
  return [
    [0, middle],
    [middle, records.length],
  ].map(([from, to]) => {
    const part = records.slice(from, to)
    return { records: part, places: places.slice(from, to), bytes: bytesOf(part) }
  })
}

const placeKey = ({ topic, partition }: Place): string => `${topic}/${partition}`

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
export const produce = async (
  producer: Producer,
  { records, places }: Request,
): Promise<number[]> => {
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
