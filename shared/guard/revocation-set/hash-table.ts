import {
  capacityFor,
  firstMinute,
  HashTableSegment,
  type RecordLayout,
} from './hash-table-segment.ts'

/** A fuller segment is made anew: between 1.25 and 1.57 places a record. */
const loadMax = 0.8
/** A segment of more live records is split: this bounds what one step costs, at any size. */
const recordsMax = 4_096
/**
 * Beyond it (about 380 million records) segments grow instead, so that the directory stays one
 * that is copied within a step.
 */
const depthMax = 17
/** Ids spread unevenly: a segment made for this share of its part gets room for all of it. */
const reservedShare = 0.85
/** A wrong number costs 16,384 segments without memory. */
const reservedDepthMax = 14
/** Places that one call of `sweep` looks at, rounded up to a segment. */
const sweepPlaces = 16_384
/** Swept only where a third is to be had: else a large table would be copied every minute. */
const sweptShare = 0.67

/**
 * A hash table in typed arrays that grows in small steps. A directory of segments is found by the
 * hash's high word (extendible hashing: Fagin, Nievergelt, Pippenger, Strong, 1979); a full segment
 * is made anew or split, never the table. What a minute ends is dropped by moving one number: its
 * records count as absent at once, their places are used again, or given back by `sweep`.
 *
 * Values merge by maximum: neither order nor repetition of `put` matters.
 */
export class HashTable {
  /** Set before `put`: values, and the minute at the end. The hash is given to `put` itself. */
  readonly record: Uint32Array
  readonly #shape: RecordLayout
  #segments: HashTableSegment[]
  #depth = 0
  /** The first minute that has not ended. */
  #minute = firstMinute
  readonly #perMinute = new Map<number, number>()
  #size = 0
  #bytes: number
  #sweepAt = 0
  #sweepLeft = 0
  /** What a segment is going to hold, while it is known. */
  #reserved = 0

  constructor(shape: RecordLayout) {
    this.#shape = shape
    this.record = new Uint32Array(shape.width)
    const first = new HashTableSegment(shape, capacityFor(0), 0)
    this.#segments = [first]
    this.#bytes = first.words.byteLength
  }

  /**
   * `records` are about to be put into an empty table: segments take their size at once, each when
   * it has its first records, and none is made anew on the way. Without effect on another table.
   */
  reserve(records: number): void {
    if (this.#size > 0 || this.#segments.length > 1 || records < recordsMax) return
    this.#depth = Math.min(Math.ceil(Math.log2(records / recordsMax)), reservedDepthMax)
    this.#reserved = Math.min(Math.ceil((records / 2 ** this.#depth) * reservedShare), recordsMax)
    this.#segments = Array.from(
      { length: 2 ** this.#depth },
      () => new HashTableSegment(this.#shape, 0, this.#depth),
    )
    this.#bytes = 0
  }

  /** Records that have not ended. */
  get size(): number {
    return this.#size
  }

  /** Of the typed arrays; objects add about 300 bytes for every 2,000 to 4,000 records. */
  get bytes(): number {
    return this.#bytes
  }

  /**
   * Brings two places into the processor's cache at once, before either is searched: in a large
   * table each is a wait for main memory, and a search ends in a branch that nobody can foresee.
   * Whoever does not use the answer has the reading left out by the compiler.
   */
  touchBoth(low: number, high: number, otherLow: number, otherHigh: number): number {
    const one = this.#segmentOf(high)
    const other = this.#segmentOf(otherHigh)
    return one.touch(low) ^ other.touch(otherLow)
  }

  /** Whether there is a live record of this hash and of the rest of the key in `record`. */
  has(low: number, high: number): boolean {
    const segment = this.#segmentOf(high)
    const place = segment.find(low, high, this.record)
    return place >= 0 && segment.minuteAt(place) >= this.#minute
  }

  /** The first value of that record, or `undefined`. */
  value(low: number, high: number): number | undefined {
    const segment = this.#segmentOf(high)
    const place = segment.find(low, high, this.record)
    return place >= 0 && segment.minuteAt(place) >= this.#minute
      ? segment.wordAt(this.#shape.keyWords, place)
      : undefined
  }

  /** Adds `record`, or merges it. Whether anything is known now that was not before. */
  put(low: number, high: number): boolean {
    const { record } = this
    const minute = record[this.#shape.width - 1] as number
    if (minute < this.#minute) return false
    const segment = this.#segmentOf(high)
    if (segment.places === 0) {
      this.#replace(segment, this.#indexOf(high), 1, 0)
      return this.put(low, high)
    }
    const place = segment.placeFor(low, high, record, this.#minute)
    const old = segment.minuteAt(place)
    if (old >= this.#minute) return this.#merge(segment, place)
    if (old === 0 && segment.used + 1 > segment.places * loadMax) {
      this.#makeRoom(segment, high)
      return this.put(low, high)
    }
    segment.write(place, low, high, record)
    this.#count(minute, 1)
    return true
  }

  /** All minutes before `minute` have ended. Cost: one step a minute that any record has. */
  endBefore(minute: number): void {
    if (minute <= this.#minute) return
    this.#minute = minute
    for (const [ended, count] of this.#perMinute) {
      if (ended >= minute) continue
      this.#perMinute.delete(ended)
      this.#size -= count
    }
    this.#sweepLeft = this.#segments.length
    this.#reserved = 0
  }

  /** Gives back the memory of what ended, a bounded part of the table a call. */
  sweep(): void {
    for (let seen = 0; this.#sweepLeft > 0 && seen < sweepPlaces; this.#sweepLeft -= 1) {
      this.#sweepAt = (this.#sweepAt + 1) % this.#segments.length
      const segment = this.#segments[this.#sweepAt] as HashTableSegment
      seen += segment.places
      const wanted = capacityFor(segment.live(this.#minute))
      if (wanted < segment.places * sweptShare) this.#replace(segment, this.#sweepAt, 1, 0)
    }
  }

  #segmentOf(high: number): HashTableSegment {
    return this.#segments[this.#indexOf(high)] as HashTableSegment
  }

  // A shift by 32 would be none in JavaScript.
  #indexOf(high: number): number {
    return this.#depth === 0 ? 0 : high >>> (32 - this.#depth)
  }

  #merge(segment: HashTableSegment, place: number): boolean {
    const { keyWords, width, replaces } = this.#shape
    const before = segment.minuteAt(place)
    let isNews = false
    for (let word = keyWords; word < width; word += 1) {
      const value = this.record[word] as number
      if (!replaces && value <= segment.wordAt(word, place)) continue
      segment.setWord(word, place, value)
      isNews = true
    }
    const after = segment.minuteAt(place)
    if (after !== before) {
      this.#count(before, -1)
      this.#count(after, 1)
    }
    return isNews
  }

  #count(minute: number, by: number): void {
    const count = (this.#perMinute.get(minute) ?? 0) + by
    if (count === 0) this.#perMinute.delete(minute)
    else this.#perMinute.set(minute, count)
    this.#size += by
  }

  #makeRoom(segment: HashTableSegment, high: number): void {
    const isLarge = segment.live(this.#minute) >= recordsMax && segment.depth < depthMax
    if (isLarge && segment.depth === this.#depth) {
      const half = this.#segments
      const whole: HashTableSegment[] = []
      for (const one of half) whole.push(one, one)
      this.#segments = whole
      this.#depth += 1
    }
    this.#replace(segment, this.#indexOf(high), isLarge ? 2 : 1, this.#reserved)
  }

  /** Puts copies in the place of `segment`, which the directory has at `index` and around it. */
  #replace(segment: HashTableSegment, index: number, parts: 1 | 2, least: number): void {
    const bytes = segment.words.byteLength
    const copies = segment.remade(this.#minute, parts === 2, least)
    const share = 2 ** (this.#depth - segment.depth)
    const each = share / copies.length
    let first = Math.floor(index / share) * share
    this.#bytes -= bytes
    for (const copy of copies) {
      this.#segments.fill(copy, first, first + each)
      this.#bytes += copy.words.byteLength
      first += each
    }
  }
}
