import {
  depthMax,
  first,
  firstInstant,
  shapeOf,
  smallest,
  tag,
  wordNumber,
} from './packed-format.ts'
import { PieceNumbers } from './piece-numbers.ts'
import {
  digestLength,
  hasLoneSurrogate,
  hexRunIn,
  instantIn,
  isDigest,
  isHex,
  isInstant,
  isKeyAndMac,
  isSeconds,
  objectIn,
} from './text-kinds.ts'

/** Shorter texts hold no ids, instants or objects. */
const shortText = 16
/** More than a tag and a varint take. */
const room = 16

/** Longer texts than these are written by a call into Node, which costs more than a short loop. */
const loopMax = 24

/** Says that a value is not of the kind that is packed. */
const notPacked = Symbol('not packed')

const withoutUndefined = (members: object): object =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))

/** Writes one value after the other into one buffer, which grows as it must. */
class Packer {
  #bytes = Buffer.allocUnsafeSlow(4_096)
  #end = 0
  #depth = 0
  #instant = firstInstant
  readonly #pieces = new PieceNumbers()

  /** The bytes are overwritten by the next value. */
  pack(value: unknown, before: number, after: number): Buffer {
    this.#end = 0
    this.#depth = 0
    this.#instant = firstInstant
    this.#pieces.clear()
    this.#reserve(before)
    this.#end = before
    this.#value(value)
    this.#reserve(after)
    return this.#bytes.subarray(0, this.#end + after)
  }

  #reserve(count: number): void {
    if (this.#end + count <= this.#bytes.length) return
    const larger = Buffer.allocUnsafeSlow(2 * (this.#end + count))
    this.#bytes.copy(larger, 0, 0, this.#end)
    this.#bytes = larger
  }

  #byte(byte: number): void {
    this.#reserve(room)
    this.#bytes[this.#end] = byte
    this.#end += 1
  }

  #varint(count: number): void {
    let left = count
    for (; left >= 0x80; left = Math.floor(left / 0x80)) this.#byte((left % 0x80) + 0x80)
    this.#byte(left)
  }

  /** The sign is the lowest bit. */
  #signed(n: number): void {
    this.#varint(n < 0 ? -2 * n - 1 : 2 * n)
  }

  /** A byte of the range that begins at `base`, where it has one for this number. */
  #numbered(number: number, base: number, size: number, otherwise: number): void {
    this.#byte(number < size ? base + number : otherwise)
    if (number >= size) this.#varint(number)
  }

  #value(value: unknown): void {
    if (typeof value === 'string') this.#text(value)
    else if (typeof value === 'number') this.#number(value)
    else if (value === null) this.#byte(tag.null)
    else if (typeof value === 'boolean') this.#byte(value ? tag.true : tag.false)
    else if (typeof value === 'object') this.#nested(value)
    else throw notPacked
  }

  #number(n: number): void {
    if (!Number.isSafeInteger(n)) throw notPacked
    if (n >= smallest && n < smallest + 32) this.#byte(first.integer + n - smallest)
    else if (isInstant(n)) this.#instantAfter(tag.instant, n)
    else if (isSeconds(n)) {
      this.#byte(tag.seconds)
      this.#signed(n - Math.floor(this.#instant / 1_000))
    } else {
      this.#byte(n < 0 ? tag.negative : tag.integer)
      this.#varint(Math.abs(n))
    }
  }

  #instantAfter(begin: number, at: number): void {
    this.#byte(begin)
    this.#signed(at - this.#instant)
    this.#instant = at
  }

  #text(text: string): void {
    if (this.#known(text)) return
    if (text.length < shortText) this.#newText(text)
    else if (isHex(text)) this.#newPiece(tag.hex, text, text.length / 2, 'hex')
    else this.#longText(text)
  }

  #longText(text: string): void {
    const at = instantIn(text)
    const object = at === null ? objectIn(text) : null
    if (at !== null) this.#instantAfter(tag.isoTime, at)
    else if (object !== null) {
      this.#byte(tag.json)
      this.#nested(object)
    } else if (isKeyAndMac(text)) this.#joined(text, digestLength, digestLength + 1)
    else {
      const run = hexRunIn(text)
      if (run === null) this.#newText(text)
      else this.#joined(text, run.start, run.end)
    }
  }

  #joined(text: string, start: number, end: number): void {
    this.#byte(tag.joined)
    this.#piece(text.slice(0, start))
    this.#piece(text.slice(start, end))
    this.#piece(text.slice(end))
  }

  #piece(text: string): void {
    if (this.#known(text)) return
    if (isHex(text)) this.#newPiece(tag.hex, text, text.length / 2, 'hex')
    else this.#newText(text)
  }

  #known(text: string): boolean {
    const word = wordNumber(text)
    if (word !== null) {
      this.#numbered(word, first.word, 128, tag.word)
      return true
    }
    const piece = this.#pieces.numberOf(text)
    if (piece !== null) this.#numbered(piece, first.again, 32, tag.again)
    return piece !== null
  }

  #newText(text: string): void {
    if (isDigest(text)) this.#newPiece(tag.base64, text, 32, 'base64url')
    else if (text.length > loopMax || !this.#newShortText(text)) this.#newLongText(text)
  }

  /** Whether it is one: nothing but ASCII. */
  #newShortText(text: string): boolean {
    this.#reserve(room + loopMax)
    const start = this.#end + 2
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index)
      if (code >= 0x80) return false
      this.#bytes[start + index] = code
    }
    this.#pieces.add(text)
    this.#bytes[this.#end] = tag.text
    this.#bytes[this.#end + 1] = text.length
    this.#end = start + text.length
    return true
  }

  #newLongText(text: string): void {
    if (hasLoneSurrogate(text)) throw notPacked
    this.#newPiece(tag.text, text, Buffer.byteLength(text), 'utf8')
  }

  #newPiece(begin: number, text: string, length: number, encoding: BufferEncoding): void {
    this.#pieces.add(text)
    this.#byte(begin)
    this.#varint(length)
    this.#reserve(length)
    this.#bytes.write(text, this.#end, encoding)
    this.#end += length
  }

  #nested(value: object): void {
    this.#depth += 1
    if (this.#depth > depthMax) throw notPacked
    if (Array.isArray(value)) {
      this.#numbered(value.length, first.array, 16, tag.array)
      for (const item of value) this.#value(item)
    } else this.#object(value)
    this.#depth -= 1
  }

  #object(members: object): void {
    const keys = Object.keys(members)
    const values: readonly unknown[] = Object.values(members)
    // JSON has no such members.
    if (values.includes(undefined)) {
      this.#object(withoutUndefined(members))
      return
    }
    const shape = shapeOf(keys)
    if (shape === null) this.#numbered(keys.length, first.object, 16, tag.object)
    else {
      this.#byte(tag.shape)
      this.#varint(shape)
    }
    for (let index = 0; index < keys.length; index += 1) {
      if (shape === null) this.#key(keys[index] ?? '')
      this.#value(values[index])
    }
  }

  #key(key: string): void {
    if (key === '__proto__') throw notPacked
    this.#piece(key)
  }
}

const packer = new Packer()

/**
 * A JSON value in bytes, with as many free ones before and after it as told; they are overwritten
 * by the next value. `null` for what is not packed: fractions, lone surrogates, what is nested
 * deeply.
 */
export const packValue = (value: unknown, before: number, after: number): Buffer | null => {
  try {
    return packer.pack(value, before, after)
  } catch (error) {
    if (error === notPacked) return null
    throw error
  }
}
