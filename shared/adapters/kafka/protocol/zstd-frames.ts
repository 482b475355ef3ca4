import { ByteReader } from './byte-reader.ts'
import type { ZstdDecoder } from './plain-zstd.ts'

const magic = 0xfd2fb528
const skippableMagic = 0x184d2a5
const blockMax = 128 * 1024
const sizesOfContent: readonly number[] = [0, 2, 4, 8]
const sizesOfDictionary: readonly number[] = [0, 1, 2, 4]

/** One frame, and what it may give and need at most. */
type Frame = Readonly<{ bytes: Buffer; content: number; window: number }>

const windowOf = (descriptor: number): number => {
  const base = 2 ** (10 + (descriptor >>> 3))
  return base + (base / 8) * (descriptor & 7)
}

const numberOf = (bytes: Buffer): number => {
  if (bytes.length === 8) return Number(bytes.readBigUInt64LE())
  return bytes.length === 0 ? 0 : bytes.readUIntLE(0, bytes.length)
}

/** The header, and the window that a decoder needs. */
const header = (source: ByteReader): Readonly<{ window: number; hasSum: boolean }> => {
  const flags = source.take(1).readUInt8()
  const isSingle = (flags & 32) !== 0
  const window = isSingle ? 0 : windowOf(source.take(1).readUInt8())
  source.take(sizesOfDictionary[flags & 3] ?? 0)
  const contentBytes = sizesOfContent[flags >>> 6] || (isSingle ? 1 : 0)
  const content = numberOf(source.take(contentBytes))
  return { window: isSingle ? content : window, hasSum: (flags & 4) !== 0 }
}

/** What the blocks may give at most; beyond `max` they are not looked at further. */
const walkBlocks = (source: ByteReader, max: number): number => {
  let content = 0
  for (let isLast = false; !isLast && content <= max; ) {
    const head = source.take(3).readUIntLE(0, 3)
    isLast = (head & 1) === 1
    const kind = (head >>> 1) & 3
    const size = head >>> 3
    source.take(kind === 1 ? 1 : size)
    content += kind === 2 ? blockMax : size
  }
  return content
}

/** The frames that hold something. @throws Error when they may give more than `max` */
const framesIn = (bytes: Buffer, max: number): readonly Frame[] => {
  const source = new ByteReader(bytes)
  const frames: Frame[] = []
  for (let content = 0; source.left > 0; ) {
    const from = bytes.length - source.left
    const mark = source.take(4).readUInt32LE()
    if (mark >>> 4 === skippableMagic) {
      source.take(source.take(4).readUInt32LE())
      continue
    }
    if (mark !== magic) throw new Error('no Zstandard frame')
    const { window, hasSum } = header(source)
    const own = walkBlocks(source, max - content)
    content += own
    if (content > max) throw new Error('more comes out than is allowed')
    if (hasSum) source.take(4)
    frames.push({ bytes: bytes.subarray(from, bytes.length - source.left), content: own, window })
  }
  return frames
}

/**
 * The content of Zstandard frames. Behind that of a single frame other bytes may follow: its length
 * is not told.
 * @throws Error when they are none, or may hold more than `max` bytes and 128 KiB
 */
export const readZstdFrames = (bytes: Buffer, max: number, decode: ZstdDecoder): Buffer => {
  const frames = framesIn(bytes, max + blockMax)
  const [only] = frames
  if (only && frames.length === 1) return decode(only.bytes, only.content)
  if (frames.some(({ window }) => window > max)) {
    throw new Error('a window larger than is allowed')
  }
  // Each by itself: Node 22 reads the first one of several, and says nothing of the others.
  return Buffer.concat(frames.map((frame) => decode(frame.bytes, null)))
}
