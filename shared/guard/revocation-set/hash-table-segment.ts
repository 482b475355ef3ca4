/**
 * Records of `width` 32-bit words: hash low, hash high, more of the key (`keyWords` in all), then
 * values, and last the minute at which the record ends. Of two records of one key the greater of
 * each value counts, or, where a layout `replaces`, the last record.
 */
export type RecordLayout = Readonly<{ keyWords: number; width: number; replaces?: boolean }>

const span = 2 ** 32
/** Spreads the low word over the places without a division; exact in doubles. */
const homeOf = (low: number, places: number): number => Math.floor((low * places) / span)
// 0 stands for an empty place.
const shownLow = (low: number): number => low >>> 0 || 1

const placesMin = 16
/** None ends before it. */
export const firstMinute = 1
/** The load of a segment that was just made; it may grow a quarter before it is made anew. */
const loadAfter = 0.64
export const capacityFor = (records: number): number =>
  Math.max(placesMin, Math.ceil((records + 1) / loadAfter))

type Transferable = Readonly<{ transfer?: (length: number) => ArrayBufferLike }>

/**
 * Frees memory at once where Node can (from 22 on); else the collector does, which counts it and
 * comes the more often.
 */
const giveBack = ({ buffer }: Uint32Array): void => {
  const freed = buffer as ArrayBufferLike & Transferable
  freed.transfer?.(0)
}

/**
 * A small hash table in one piece of memory: open addressing, linear probing. Its owner keeps at
 * least one place empty, or a search would not end; one without places has no records yet.
 *
 * Column after column, the hash's low words first: a search reads sixteen places from one line of
 * the processor's cache, and mostly nothing else. In a large table that is what a look-up costs.
 */
export class HashTableSegment {
  readonly words: Uint32Array
  readonly places: number
  /** How many leading bits of the hash's high word all its records share. */
  readonly depth: number
  /** Places that are not empty, whether or not their records have ended. */
  used = 0
  readonly #shape: RecordLayout

  constructor(shape: RecordLayout, places: number, depth: number) {
    this.#shape = shape
    this.places = places
    this.depth = depth
    this.words = new Uint32Array(places * shape.width)
  }

  /** Reads the first place where a hash may lie. */
  touch(low: number): number {
    return this.words[homeOf(shownLow(low), this.places)] ?? 0
  }

  /** The place of the key of `record` (but for its hash), or `~` of the empty one that says no. */
  find(low: number, high: number, record: Uint32Array): number {
    const { words, places } = this
    if (places === 0) return -1
    const shown = shownLow(low)
    let place = homeOf(shown, places)
    for (;;) {
      const found = words[place] as number
      if (found === shown && words[places + place] === high >>> 0 && this.#isKey(place, record)) {
        return place
      }
      if (found === 0) return ~place
      place += 1
      if (place === places) place = 0
    }
  }

  /** The key's own place; else the first that is free, or whose record ended before `minute`. */
  placeFor(low: number, high: number, record: Uint32Array, minute: number): number {
    const own = this.find(low, high, record)
    if (own >= 0) return own
    // While nothing has ended there is no need to read the minutes, which lie elsewhere.
    if (minute === firstMinute) return ~own
    let place = homeOf(shownLow(low), this.places)
    while (this.minuteAt(place) >= minute) {
      place += 1
      if (place === this.places) place = 0
    }
    return place
  }

  /** 0 in an empty place. */
  minuteAt(place: number): number {
    return this.wordAt(this.#shape.width - 1, place)
  }

  wordAt(word: number, place: number): number {
    return this.words[word * this.places + place] as number
  }

  setWord(word: number, place: number, value: number): void {
    this.words[word * this.places + place] = value
  }

  /** Writes `record` under its hash. */
  write(place: number, low: number, high: number, record: Uint32Array): void {
    if (this.minuteAt(place) === 0) this.used += 1
    this.setWord(0, place, shownLow(low))
    this.setWord(1, place, high)
    for (let word = 2; word < this.#shape.width; word += 1) {
      this.setWord(word, place, record[word] as number)
    }
  }

  /** How many records end at `minute` or later, and have `bit` in their hash's high word. */
  live(minute: number, bit = 0): number {
    const { words, places } = this
    const minutesAt = this.#minutesAt
    let count = 0
    for (let place = 0; place < places; place += 1) {
      if ((words[minutesAt + place] as number) < minute) continue
      if (((words[places + place] as number) & bit) === bit) count += 1
    }
    return count
  }

  /**
   * Its live records in segments of the right size: one, or two told apart by the next bit. There
   * is room for `least` in each. It gives its own memory back, and is not used any more.
   */
  remade(minute: number, isSplit: boolean, least: number): HashTableSegment[] {
    const bit = isSplit ? 1 << (31 - this.depth) : 0
    const depth = this.depth + (isSplit ? 1 : 0)
    const ones = isSplit ? this.live(minute, bit) : 0
    const counts = [this.live(minute) - ones, ...(isSplit ? [ones] : [])]
    const [zero, one] = counts.map(
      (count) => new HashTableSegment(this.#shape, capacityFor(Math.max(count, least)), depth),
    ) as [HashTableSegment, HashTableSegment?]
    const { words, places } = this
    const minutesAt = this.#minutesAt
    for (let place = 0; place < places; place += 1) {
      if ((words[minutesAt + place] as number) < minute) continue
      const isOne = one && ((words[places + place] as number) & bit) !== 0
      ;(isOne ? one : zero).#take(words, places, place)
    }
    giveBack(words)
    return one ? [zero, one] : [zero]
  }

  get #minutesAt(): number {
    return (this.#shape.width - 1) * this.places
  }

  /** Adds the record at `from` of another segment, whose key is not here. */
  #take(others: Uint32Array, otherPlaces: number, from: number): void {
    const { words, places } = this
    let place = homeOf(others[from] as number, places)
    while (words[place] !== 0) {
      place += 1
      if (place === places) place = 0
    }
    for (let at = from; place < words.length; at += otherPlaces, place += places) {
      words[place] = others[at] as number
    }
    this.used += 1
  }

  // Most records have no key but their hash, which was compared already.
  #isKey(place: number, record: Uint32Array): boolean {
    for (let word = 2; word < this.#shape.keyWords; word += 1) {
      if (this.wordAt(word, place) !== record[word]) return false
    }
    return true
  }
}
