import { gunzipSync } from 'node:zlib'
import { uncompress } from 'snappyjs'
import { readLz4Frame } from './lz4-frame.ts'
import { zstdDecoder } from './zstd-decoder.ts'
import { readZstdFrames } from './zstd-frames.ts'

// The framing of snappy-java, which Kafka's own clients and brokers use: blocks with their sizes in
// front.
const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
const xerialHeaderBytes = 16

const readSnappy = (bytes: Buffer, max: number): Buffer => {
  if (!bytes.subarray(0, xerialMagic.length).equals(xerialMagic)) return uncompress(bytes, max)
  const blocks: Buffer[] = []
  let left = max
  for (let at = xerialHeaderBytes; at < bytes.length; ) {
    const size = bytes.readInt32BE(at)
    if (size <= 0 || at + 4 + size > bytes.length) throw new Error('a block without an end')
    const block = uncompress(bytes.subarray(at + 4, at + 4 + size), left)
    blocks.push(block)
    left -= block.length
    at += 4 + size
  }
  return Buffer.concat(blocks)
}

/** The codecs of Kafka, by their number in a batch's attributes. */
const codecs = new Map<number, (bytes: Buffer, max: number) => Buffer>([
  [1, (bytes, max) => gunzipSync(bytes, { maxOutputLength: max })],
  [2, readSnappy],
  [3, readLz4Frame],
])
// Where nobody can read it, it counts as a codec that we do not know: what it holds may be ours.
const decode = zstdDecoder
if (decode) codecs.set(4, (bytes, max) => readZstdFrames(bytes, max, decode))

export const isKnownCodec = (codec: number): boolean => codec === 0 || codecs.has(codec)

/**
 * What `bytes` hold, in memory that is bounded by `max`, whatever they say of their size.
 * @throws Error when they are damaged, or hold more
 */
export const inflate = (codec: number, bytes: Buffer, max: number): Buffer => {
  const read = codecs.get(codec)
  return read ? read(bytes, max) : bytes
}
