import { decompress } from 'fzstd'
import { ByteReader } from './byte-reader.ts'

const magic = 0xfd2fb528
const skippableMagic = 0x184d2a5
const blockMax = 128 * 1024
const sizesOfContent: readonly number[] = [0, 2, 4, 8]
const sizesOfDictionary: readonly number[] = [0, 1, 2, 4]

type Bounds = { content: number; window: number; frames: number }

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

const walkBlocks = (source: ByteReader, bounds: Bounds, max: number): void => {
  for (let isLast = false; !isLast && bounds.content <= max; ) {
    const head = source.take(3).readUIntLE(0, 3)
    isLast = (head & 1) === 1
    const kind = (head >>> 1) & 3
    const size = head >>> 3
    source.take(kind === 1 ? 1 : size)
    bounds.content += kind === 2 ? blockMax : size
  }
}

/** What all frames may give at most; beyond `max` they are not looked at further. */
const boundsOf = (bytes: Buffer, max: number): Bounds => {
  const source = new ByteReader(bytes)
  const bounds: Bounds = { content: 0, window: 0, frames: 0 }
  while (source.left > 0 && bounds.content <= max) {
    const mark = source.take(4).readUInt32LE()
    bounds.frames += 1
    if (mark >>> 4 === skippableMagic) {
      source.take(source.take(4).readUInt32LE())
      bounds.frames += 1 // Not the one frame that can be read without a window.
      continue
    }
    if (mark !== magic) throw new Error('no Zstandard frame')
    const { window, hasSum } = header(source)
    bounds.window = Math.max(bounds.window, window)
    walkBlocks(source, bounds, max)
    if (hasSum && bounds.content <= max) source.take(4)
  }
  return bounds
}

/**
 * The content of Zstandard frames. One frame may be followed by zero bytes: its length is not told.
 * @throws Error when they are none, or may hold more than `max` bytes and 128 KiB
 */
export const readZstdFrames = (bytes: Buffer, max: number): Buffer => {
  const { content, window, frames } = boundsOf(bytes, max + blockMax)
  if (content > max + blockMax) throw new Error('more comes out than is allowed')
  // What fzstd is given to write into needs no window; one by default is 2 MiB, for each batch.
  if (frames === 1) {
    const out = Buffer.alloc(content)
    decompress(bytes, out)
    return out
  }
  if (window > max) throw new Error('a window larger than is allowed')
  return Buffer.from(decompress(bytes))
}
