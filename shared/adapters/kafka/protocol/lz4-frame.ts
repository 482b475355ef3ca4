import { ByteReader } from './byte-reader.ts'

const magic = 0x184d2204
const isStored = 0x80000000
const leastMatch = 4

type Out = { readonly bytes: Buffer; at: number }

const room = ({ bytes, at }: Out, length: number): void => {
  if (length > bytes.length - at) throw new Error('more comes out than is allowed')
}

/** A length of the token: 15 means that more bytes follow, each up to 255. */
const lengthFrom = (source: ByteReader, nibble: number): number => {
  let length = nibble
  for (let more = nibble === 15 ? 255 : 0; more === 255; length += more) {
    more = source.take(1).readUInt8()
  }
  return length
}

const copyMatch = (out: Out, distance: number, length: number): void => {
  if (distance === 0 || distance > out.at) throw new Error('a match before the beginning')
  room(out, length)
  for (let left = length; left > 0; left -= 1, out.at += 1) {
    out.bytes[out.at] = out.bytes[out.at - distance] ?? 0
  }
}

const block = (source: ByteReader, out: Out): void => {
  while (source.left > 0) {
    const token = source.take(1).readUInt8()
    const literals = source.take(lengthFrom(source, token >>> 4))
    room(out, literals.length)
    out.at += literals.copy(out.bytes, out.at)
    // The last sequence of a block has literals alone.
    if (source.left === 0) return
    const distance = source.take(2).readUInt16LE()
    copyMatch(out, distance, lengthFrom(source, token & 15) + leastMatch)
  }
}

const blockSizes: readonly number[] = [0, 0, 0, 0, 1 << 16, 1 << 18, 1 << 20, 1 << 22]

type Frame = Readonly<{ blockMax: number; hasBlockSum: boolean }>

const header = (source: ByteReader): Frame => {
  if (source.take(4).readUInt32LE() !== magic) throw new Error('no LZ4 frame')
  const flags = source.take(1).readUInt8()
  const blockMax = blockSizes[(source.take(1).readUInt8() >>> 4) & 7] ?? 0
  if (flags >>> 6 !== 1 || blockMax === 0) throw new Error('an LZ4 frame of another version')
  if (flags & 8) source.take(8) // The size of the content, which is found out all the same.
  if (flags & 1) source.take(4) // The id of a dictionary.
  source.take(1) // A checksum of the header. Kafka's own covers all of these bytes.
  return { blockMax, hasBlockSum: (flags & 16) !== 0 }
}

/** How much a frame may give at most, by its blocks; beyond `max` it is not looked at further. */
const boundOf = (frame: Buffer, max: number): number => {
  const source = new ByteReader(frame)
  const { blockMax, hasBlockSum } = header(source)
  let bound = 0
  while (bound <= max) {
    const size = source.take(4).readUInt32LE()
    if (size === 0) return bound
    const stored = size & ~isStored
    source.take(stored + (hasBlockSum ? 4 : 0))
    bound += size >= isStored ? stored : Math.min(blockMax, stored * 255)
  }
  return max
}

/**
 * The content of one LZ4 frame, as Kafka's clients and brokers write it. Written here because what
 * is published for Node either trusts its input or allocates without a limit.
 * @throws Error when it is none, or holds more than `max` bytes
 */
export const readLz4Frame = (frame: Buffer, max: number): Buffer => {
  const out: Out = { bytes: Buffer.alloc(boundOf(frame, max)), at: 0 }
  const source = new ByteReader(frame)
  const { hasBlockSum } = header(source)
  for (;;) {
    const size = source.take(4).readUInt32LE()
    if (size === 0) return out.bytes.subarray(0, out.at)
    const bytes = source.take(size & ~isStored)
    if (size >= isStored) {
      room(out, bytes.length)
      out.at += bytes.copy(out.bytes, out.at)
    } else block(new ByteReader(bytes), out)
    if (hasBlockSum) source.take(4)
  }
}
