import type { KafkaMessage } from 'kafkajs'
import type { Unread } from '../../../events/log-record.ts'
import { ByteReader } from './byte-reader.ts'
import { inflate, isKnownCodec } from './codecs.ts'
import { crc32c } from './crc32c.ts'

/** A message as kafkajs hands it on, and what stands in the place of one that cannot be read. */
export type ReadMessage = KafkaMessage &
  Readonly<{
    isControlRecord: boolean
    batchContext: Readonly<{ producerId: string; inTransaction: boolean }>
    unread?: Unread
  }>

/** One batch as it lies in the log: `offset` is its first, `body` what follows its length. */
export type BatchBytes = Readonly<{ offset: bigint; body: Buffer }>
export type ReadBatch = Readonly<{ messages: readonly ReadMessage[]; bytes: number }>

/**
 * Ours hold 768 KiB at most. A batch of a foreign producer may inflate to a thousand times what a
 * broker lets pass.
 */
export const batchBytesMax = 8 * 1024 * 1024
// What a record takes as an object in memory; in a batch it may take seven bytes.
const bytesPerRecord = 64
const keptOfUnread = 64 * 1024
const currentMagic = 2
const crcFrom = 9
const codecMask = 7
const transactionFlag = 16
const controlFlag = 32

type Head = Readonly<{
  offset: bigint
  lastOffset: bigint
  attributes: number
  count: number
  timestamp: string
  producerId: string
}>

/** A batch that was damaged after the broker took it, or that a newer broker wrote. */
class MayBeOurs extends Error {}

const messageOf = (
  head: Head,
  offset: bigint,
  content: Pick<ReadMessage, 'key' | 'value' | 'unread'>,
  headers: NonNullable<KafkaMessage['headers']> = {},
): ReadMessage => ({
  ...content,
  headers,
  offset: String(offset),
  timestamp: head.timestamp,
  attributes: 0,
  isControlRecord: (head.attributes & controlFlag) !== 0 && content.unread === undefined,
  batchContext: {
    producerId: head.producerId,
    inTransaction: (head.attributes & transactionFlag) !== 0,
  },
})

const unreadOf = (head: Head, offset: bigint, bytes: Buffer, unread: Unread): ReadMessage =>
  // A copy: what is kept must not hold the whole answer of the broker in memory.
  messageOf(head, offset, {
    key: null,
    value: Buffer.from(bytes.subarray(0, keptOfUnread)),
    unread,
  })

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const headersOf = (source: ByteReader): NonNullable<KafkaMessage['headers']> => {
  const found = new Map<string, Buffer>()
  const count = source.varint()
  if (count < 0 || count > source.left) throw new Error(`${count} headers are said to follow`)
  for (let index = 0; index < count; index += 1) {
    const name = source.varBytes()?.toString('utf8') ?? ''
    const value = source.varBytes() ?? Buffer.alloc(0)
    // A header given twice is a foreign producer's; the first counts, and the MAC judges it.
    if (!found.has(name)) found.set(name, value)
  }
  return Object.fromEntries(found)
}

/** The record after the one at `before`; offsets grow, as a broker sees to it. */
const recordOf = (head: Head, bytes: Buffer, before: bigint): ReadMessage => {
  let place = before + 1n
  try {
    const source = new ByteReader(bytes)
    source.int8()
    source.varint() // Its time, which is the batch's on our topics.
    const offset = head.offset + BigInt(source.varint())
    if (offset <= before || offset > head.lastOffset) throw new Error(`offset ${offset}`)
    place = offset
    const [key, value] = [source.varBytes(), source.varBytes()]
    return messageOf(head, offset, { key, value }, headersOf(source))
  } catch (error) {
    const problem = `a record that is none: ${reason(error)}`
    return unreadOf(head, place, bytes, { problem, mayBeOurs: false })
  }
}

const recordsOf = (head: Head, bytes: Buffer): readonly ReadMessage[] => {
  const source = new ByteReader(bytes)
  const messages: ReadMessage[] = []
  let before = head.offset - 1n
  for (let index = 0; index < head.count && before < head.lastOffset; index += 1) {
    let record: Buffer
    try {
      record = source.take(source.varint())
    } catch (error) {
      const problem = `records that are none: ${reason(error)}`
      messages.push(unreadOf(head, head.lastOffset, bytes, { problem, mayBeOurs: false }))
      return messages
    }
    const message = recordOf(head, record, before)
    messages.push(message)
    before = BigInt(message.offset)
  }
  return messages
}

/** The head, as far as the bytes allow it, and the records behind it. */
const headOf = ({ offset, body }: BatchBytes): Readonly<{ head: Head; records: Buffer }> => {
  const source = new ByteReader(body)
  source.take(crcFrom)
  const attributes = source.int16()
  const delta = source.int32()
  source.int64()
  const timestamp = String(source.int64())
  const producerId = String(source.int64())
  source.take(6)
  const count = source.int32()
  // A broker takes no other; where they differ, the next offset alone is sure to be behind it.
  const isSound = delta >= 0 && count === delta + 1
  const lastOffset = offset + BigInt(isSound || count === 0 ? Math.max(0, delta) : 0)
  const head = { offset, lastOffset, attributes, count, timestamp, producerId }
  return { head, records: source.take(source.left) }
}

const check = ({ body }: BatchBytes, { attributes }: Head): void => {
  if (body.readUInt32BE(crcFrom - 4) !== crc32c(body.subarray(crcFrom))) {
    throw new MayBeOurs('a batch that was damaged in the log (its checksum does not fit)')
  }
  const codec = attributes & codecMask
  if (!isKnownCodec(codec)) throw new MayBeOurs(`a batch of the unknown codec ${codec}`)
}

const contentOf = ({ attributes, count }: Head, records: Buffer): Buffer => {
  const room = batchBytesMax - count * bytesPerRecord
  if (room < 0) throw new Error(`${count} records in one batch`)
  const codec = attributes & codecMask
  return codec === 0 ? records : inflate(codec, records, room)
}

/**
 * The messages of one batch. Never throws for what it holds: what cannot be read becomes one
 * message with `unread`, at its own offset or the batch's last, so that reading goes on behind it.
 * A broker checks a batch when it takes it, so one whose checksum does not fit was damaged later,
 * and may have been ours; so may one of a codec that we do not know. Any other that cannot be read
 * was written by another producer: gateways write no compressed batches, and what a broker makes of
 * theirs is read here.
 */
export const readBatch = (batch: BatchBytes): ReadBatch => {
  if (batch.body.length <= crcFrom || batch.body.readInt8(4) !== currentMagic) {
    const unread = { problem: 'a batch of an old format', mayBeOurs: false }
    const head = { offset: batch.offset, lastOffset: batch.offset, attributes: 0, count: 1 }
    const message = { ...head, timestamp: '0', producerId: '-1' }
    return { messages: [unreadOf(message, batch.offset, batch.body, unread)], bytes: 0 }
  }
  const { head, records } = headOf(batch)
  try {
    check(batch, head)
    // Compaction leaves a batch without records: kafkajs would ask for it for ever.
    if (head.count <= 0) {
      const nothing = { ...head, attributes: head.attributes | controlFlag }
      const message = messageOf(nothing, head.lastOffset, { key: null, value: null })
      return { messages: [message], bytes: 0 }
    }
    const content = contentOf(head, records)
    const messages = recordsOf(head, content)
    return { messages, bytes: content.length + head.count * bytesPerRecord }
  } catch (error) {
    const unread = { problem: reason(error), mayBeOurs: error instanceof MayBeOurs }
    return { messages: [unreadOf(head, head.lastOffset, records, unread)], bytes: 0 }
  }
}
