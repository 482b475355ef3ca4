/**
 * Records of `width` 32-bit words: hash low, hash high, more of the key (`keyWords` in all), then
 * values, and last the minute at which the record ends (0 = an empty place).
 */
export type RecordShape = Readonly<{ keyWords: number; width: number }>

const span = 2 ** 32
/** Spreads the low word over the places without a division; exact in doubles. */
const homeOf = (low: number, places: number): number => Math.floor(((low >>> 0) * places) / span)

const placesMin = 16
/** The load of a segment that was just made; it may grow a quarter before it is made anew. */
const loadAfter = 0.64
export const placesFor = (records: number): number =>
  Math.max(placesMin, Math.ceil((records + 1) / loadAfter))

/**
 * A small hash table in one piece of memory: open addressing, linear probing. Its owner keeps at
 * least one place empty, or a search would not end.
 */
export class RecordSegment {
  readonly words: Uint32Array
  readonly places: number
  /** How many leading bits of the hash's high word all its records share. */
  readonly depth: number
  /** Places that are not empty, whether or not their records have ended. */
  used = 0
  readonly #shape: RecordShape

  constructor(shape: RecordShape, places: number, depth: number) {
    this.#shape = shape
    this.places = places
    this.depth = depth
    this.words = new Uint32Array(places * shape.width)
  }

  /** Where the key of `record` (but for its hash) lies, or −1. */
  find(low: number, high: number, record: Uint32Array): number {
    const { words } = this
    const { width } = this.#shape
    const a = low >>> 0
    const b = high >>> 0
    let at = homeOf(low, this.places) * width
    for (;;) {
      if (words[at] === a && words[at + 1] === b && this.#isKey(at, record)) {
        return words[at + width - 1] === 0 ? -1 : at
      }
      if (words[at + width - 1] === 0) return -1
      at += width
      if (at === words.length) at = 0
    }
  }

  /** The key's own place; else the first that is free, or whose record ended before `minute`. */
  placeFor(low: number, high: number, record: Uint32Array, minute: number): number {
    const own = this.find(low, high, record)
    if (own >= 0) return own
    const { words } = this
    const { width } = this.#shape
    let at = homeOf(low, this.places) * width
    while ((words[at + width - 1] as number) >= minute) {
      at += width
      if (at === words.length) at = 0
    }
    return at
  }

  minuteAt(at: number): number {
    return this.words[at + this.#shape.width - 1] as number
  }

  /** How many records end at `minute` or later. */
  live(minute: number): number {
    const { words } = this
    const { width } = this.#shape
    let count = 0
    for (let at = width - 1; at < words.length; at += width) {
      if ((words[at] as number) >= minute) count += 1
    }
    return count
  }

  /** Its live records in segments of the right size: one, or two told apart by the next bit. */
  copied(minute: number, isSplit: boolean): RecordSegment[] {
    const { width } = this.#shape
    const shift = 31 - this.depth
    const sideOf = (at: number): number =>
      isSplit ? ((this.words[at + 1] as number) >>> shift) & 1 : 0
    const counts = [0, 0]
    for (let at = 0; at < this.words.length; at += width) {
      const side = sideOf(at)
      if (this.minuteAt(at) >= minute) counts[side] = (counts[side] ?? 0) + 1
    }
    const sides = (isSplit ? counts : counts.slice(0, 1)).map((count) => {
      const places = placesFor(count)
      return new RecordSegment(this.#shape, places, this.depth + (isSplit ? 1 : 0))
    })
    for (let at = 0; at < this.words.length; at += width) {
      if (this.minuteAt(at) >= minute) sides[sideOf(at)]?.take(this.words, at)
    }
    return sides
  }

  /** Adds the record at `from` of `words`, whose key is not here. */
  take(words: Uint32Array, from: number): void {
    const { width } = this.#shape
    let at = homeOf(words[from] as number, this.places) * width
    while (this.words[at + width - 1] !== 0) {
      at += width
      if (at === this.words.length) at = 0
    }
    for (let word = 0; word < width; word += 1) this.words[at + word] = words[from + word] as number
    this.used += 1
  }

  // Most records have no key but their hash, which was compared already.
  #isKey(at: number, record: Uint32Array): boolean {
    const { keyWords } = this.#shape
    for (let word = 2; word < keyWords; word += 1) {
      if (this.words[at + word] !== record[word]) return false
    }
    return true
  }
}
