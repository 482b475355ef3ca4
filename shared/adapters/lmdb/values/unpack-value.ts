import { depthMax, first, firstInstant, smallest, tag } from './packed-format.ts'
import { shapes, words } from './vocabulary.ts'

/** The bytes are no packed value. */
export class UnpackError extends Error {
  override readonly name = 'UnpackError'
}

/** Reads one value; whatever the bytes, it holds no more than they and the words say. */
class Unpacker {
  readonly #bytes: Buffer
  readonly #end: number
  #at: number
  #depth = 0
  #instant = firstInstant
  readonly #pieces: string[] = []

  constructor(bytes: Buffer, start: number, end: number) {
    this.#bytes = bytes
    this.#at = start
    this.#end = end
  }

  whole(): unknown {
    const value = this.#value()
    if (this.#at !== this.#end) throw new UnpackError('something follows the value')
    return value
  }

  #byte(): number {
    const byte = this.#at < this.#end ? this.#bytes[this.#at] : undefined
    if (byte === undefined) throw new UnpackError('it ends too early')
    this.#at += 1
    return byte
  }

  #varint(): number {
    let sum = 0
    for (let scale = 1; scale < Number.MAX_SAFE_INTEGER; scale *= 0x80) {
      const byte = this.#byte()
      sum += (byte & 0x7f) * scale
      if (byte < 0x80) return sum
    }
    throw new UnpackError('a number is too long')
  }

  #signed(): number {
    const n = this.#varint()
    return n % 2 === 0 ? n / 2 : -(n + 1) / 2
  }

  #value(): unknown {
    const byte = this.#byte()
    if (byte >= first.word) return entryOf(words, byte - first.word)
    if (byte >= first.object) return this.#object(byte - first.object)
    if (byte >= first.array) return this.#array(byte - first.array)
    if (byte >= first.again) return entryOf(this.#pieces, byte - first.again)
    if (byte >= first.integer) return byte - first.integer + smallest
    switch (byte) {
      case tag.null:
        return null
      case tag.true:
        return true
      case tag.false:
        return false
      case tag.integer:
        return this.#varint()
      case tag.negative:
        return -this.#varint()
      case tag.instant:
        return this.#nextInstant()
      case tag.seconds:
        return Math.floor(this.#instant / 1_000) + this.#signed()
      case tag.array:
        return this.#array(this.#varint())
      case tag.object:
        return this.#object(this.#varint())
      case tag.shape:
        return this.#shape(this.#varint())
      default:
        return this.#text(byte)
    }
  }

  #nextInstant(): number {
    this.#instant += this.#signed()
    return this.#instant
  }

  #text(byte: number): string {
    switch (byte) {
      case tag.joined:
        return this.#piece() + this.#piece() + this.#piece()
      case tag.json:
        return JSON.stringify(this.#value())
      case tag.isoTime:
        return isoTime(this.#nextInstant())
      default:
        return this.#pieceOf(byte)
    }
  }

  #piece(): string {
    const byte = this.#byte()
    if (byte >= first.word) return entryOf(words, byte - first.word)
    if (byte >= first.again && byte < first.array) {
      return entryOf(this.#pieces, byte - first.again)
    }
    return this.#pieceOf(byte)
  }

  #pieceOf(byte: number): string {
    switch (byte) {
      case tag.word:
        return entryOf(words, this.#varint())
      case tag.again:
        return entryOf(this.#pieces, this.#varint())
      case tag.text:
        return this.#newPiece('utf8')
      case tag.hex:
        return this.#newPiece('hex')
      case tag.base64:
        return this.#newPiece('base64url')
      default:
        throw new UnpackError(`nothing begins with ${byte}`)
    }
  }

  #newPiece(encoding: 'utf8' | 'hex' | 'base64url'): string {
    const length = this.#varint()
    const end = this.#at + length
    if (end > this.#end) throw new UnpackError('it ends too early')
    const piece = this.#bytes.toString(encoding, this.#at, end)
    this.#at = end
    this.#pieces.push(piece)
    return piece
  }

  #array(count: number): unknown[] {
    this.#enter(count)
    const items: unknown[] = []
    for (let left = count; left > 0; left -= 1) items.push(this.#value())
    this.#depth -= 1
    return items
  }

  #object(count: number): Record<string, unknown> {
    this.#enter(count)
    const members: Record<string, unknown> = {}
    for (let left = count; left > 0; left -= 1) {
      const key = this.#piece()
      members[key] = this.#value()
    }
    this.#depth -= 1
    return members
  }

  #shape(number: number): Record<string, unknown> {
    const keys = entryOf(shapes, number)
    this.#enter(keys.length)
    const members: Record<string, unknown> = {}
    for (const key of keys) members[key] = this.#value()
    this.#depth -= 1
    return members
  }

  #enter(count: number): void {
    this.#depth += 1
    if (this.#depth > depthMax) throw new UnpackError('it is nested too deeply')
    if (count > this.#end - this.#at) throw new UnpackError('it ends too early')
  }
}

const entryOf = <T>(list: readonly T[], number: number): T => {
  const entry = list[number]
  if (entry === undefined) throw new UnpackError(`there is no entry ${number}`)
  return entry
}

const isoTime = (at: number): string => {
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) throw new UnpackError(`${at} is no instant`)
  return date.toISOString()
}

/** The value in `bytes` from `start` up to `end`. @throws UnpackError */
export const unpackValue = (bytes: Buffer, start: number, end: number): unknown =>
  new Unpacker(bytes, start, end).whole()
