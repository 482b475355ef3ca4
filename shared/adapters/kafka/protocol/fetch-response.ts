import { ByteReader } from './byte-reader.ts'
import { type BatchBytes, type ReadMessage, readBatch } from './record-batch.ts'

/** What kafkajs makes of a Fetch answer, version 11. */
export type FetchResponse = Readonly<{
  throttleTime: number
  clientSideThrottleTime: number
  errorCode: number
  sessionId: number
  responses: readonly Readonly<{ topicName: string; partitions: readonly PartitionAnswer[] }>[]
}>

type PartitionAnswer = Readonly<{
  partition: number
  errorCode: number
  highWatermark: string
  lastStableOffset: string
  lastStartOffset: string
  abortedTransactions: readonly Readonly<{ producerId: string; firstOffset: string }>[]
  preferredReadReplica: number
  messages: readonly ReadMessage[]
}>

/** The most bytes of one answer, since many small batches may each inflate to a large one. */
export const answerBytesMax = 32 * 1024 * 1024
const headBytes = 12
const leastBatchBytes = 14

type Budget = { left: number }

/** `null` at the end, where the broker may have cut a batch short. */
const nextBatch = (source: ByteReader): BatchBytes | null => {
  if (source.left < headBytes) return null
  const offset = source.int64()
  const length = source.int32()
  if (length < leastBatchBytes) throw new Error(`no batch lies at offset ${offset}`)
  return length > source.left ? null : { offset, body: source.take(length) }
}

/**
 * At least one batch of each partition; what is over the budget is asked for again, as what lies
 * behind.
 */
const messagesOf = (records: Buffer, budget: Budget): readonly ReadMessage[] => {
  const messages: ReadMessage[] = []
  const source = new ByteReader(records)
  while (messages.length === 0 || budget.left > 0) {
    const batch = nextBatch(source)
    if (batch === null) break
    const read = readBatch(batch)
    budget.left -= read.bytes
    for (const message of read.messages) messages.push(message)
  }
  return messages
}

const partitionOf = (source: ByteReader, budget: Budget): PartitionAnswer => ({
  partition: source.int32(),
  errorCode: source.int16(),
  highWatermark: String(source.int64()),
  lastStableOffset: String(source.int64()),
  lastStartOffset: String(source.int64()),
  abortedTransactions: source.array(() => ({
    producerId: String(source.int64()),
    firstOffset: String(source.int64()),
  })),
  preferredReadReplica: source.int32(),
  messages: messagesOf(source.take(Math.max(0, source.int32())), budget),
})

/**
 * Reads a Fetch answer in bounded memory and time, whatever a producer put into the log.
 * @throws Error only for an answer that no broker gives
 */
export const readFetchResponse = (bytes: Buffer): FetchResponse => {
  const source = new ByteReader(bytes)
  const budget = { left: answerBytesMax }
  return {
    // The broker did not wait: kafkajs does, by `clientSideThrottleTime`.
    throttleTime: 0,
    clientSideThrottleTime: source.int32(),
    errorCode: source.int16(),
    sessionId: source.int32(),
    responses: source.array(() => ({
      topicName: source.text(),
      partitions: source.array(() => partitionOf(source, budget)),
    })),
  }
}
