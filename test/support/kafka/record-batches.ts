import { crc32c } from '../../../shared/adapters/kafka/protocol/crc32c.ts'

/** A signed number as Kafka's records have it. */
export const varint = (value: number): Buffer => {
  const bytes: number[] = []
  let bits = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n))
  for (; bits >= 0x80n; bits >>= 7n) bytes.push(Number(bits & 0x7fn) | 0x80)
  return Buffer.from([...bytes, Number(bits)])
}

const varBytes = (content: string | null): Buffer =>
  content === null
    ? varint(-1)
    : Buffer.concat([varint(Buffer.byteLength(content)), Buffer.from(content)])

export type RecordBytes = Readonly<{
  delta: number
  key?: string | null
  value?: string | null
  headers?: readonly (readonly [string | null, string | null])[]
  /** In place of the headers. */
  tail?: Buffer
}>

export const recordBytes = ({ delta, key, value, headers = [], tail }: RecordBytes): Buffer => {
  const pairs = headers.flatMap((pair) => pair.map(varBytes))
  const body = Buffer.concat([
    ...[Buffer.from([0]), varint(0), varint(delta)],
    ...[varBytes(key ?? null), varBytes(value ?? null)],
    ...(tail ? [tail] : [varint(headers.length), ...pairs]),
  ])
  return Buffer.concat([varint(body.length), body])
}

export type BatchOver = Readonly<{
  offset?: number
  attributes?: number
  count?: number
  delta?: number
  magic?: number
}>

/** A batch as a broker keeps it, its length and checksum right. */
export const batchBytes = (records: Buffer, over: BatchOver = {}): Buffer => {
  const { offset = 0, attributes = 0, count = 1, delta = count - 1, magic = 2 } = over
  const covered = Buffer.alloc(40)
  covered.writeInt16BE(attributes, 0)
  covered.writeInt32BE(delta, 2)
  covered.writeBigInt64BE(-1n, 22)
  covered.writeInt32BE(count, 36)
  const rest = Buffer.concat([covered, records])
  const head = Buffer.alloc(21)
  head.writeBigInt64BE(BigInt(offset), 0)
  head.writeInt32BE(9 + rest.length, 8)
  head.writeInt8(magic, 16)
  head.writeUInt32BE(crc32c(rest), 17)
  return Buffer.concat([head, rest])
}

/** What a broker answers to a Fetch of one partition, version 11. */
export const fetchAnswer = (records: Buffer, highWatermark = 1_000): Buffer => {
  const partition = Buffer.alloc(46)
  partition.writeBigInt64BE(BigInt(highWatermark), 6)
  partition.writeInt32BE(-1, 30)
  partition.writeInt32BE(-1, 34)
  partition.writeInt32BE(records.length, 38)
  const topic = Buffer.from('\0\x05topic')
  const one = Buffer.from([0, 0, 0, 1])
  return Buffer.concat([Buffer.alloc(10), one, topic, one, partition.subarray(0, 42), records])
}
