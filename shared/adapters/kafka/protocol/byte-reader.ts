/**
 * Bytes from the network, read in order. Never past the end: a size that says more than there is
 * throws, before anything is made of that size.
 */
export class ByteReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  take(length: number): Buffer {
    if (length < 0 || length > this.left) {
      throw new Error(`${length} bytes are said to follow, and ${this.left} do`)
    }
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  int8(): number {
    return this.take(1).readInt8()
  }

  int16(): number {
    return this.take(2).readInt16BE()
  }

  int32(): number {
    return this.take(4).readInt32BE()
  }

  int64(): bigint {
    return this.take(8).readBigInt64BE()
  }

  /** Zigzag, of at most ten bytes; what does not fit into 32 bits is cut. */
  varint(): number {
    let bits = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.take(1).readUInt8()
      if (shift < 32) bits |= (byte & 0x7f) << shift
      if (byte < 0x80) return (bits >>> 1) ^ -(bits & 1)
    }
    throw new Error('a number without an end')
  }

  /** As `varint`, then that many bytes; `null` for a negative length. */
  varBytes(): Buffer | null {
    const length = this.varint()
    return length < 0 ? null : this.take(length)
  }

  text(): string {
    const length = this.int16()
    return length < 0 ? '' : this.take(length).toString('utf8')
  }

  /** At most as many items as there are bytes. */
  array<T>(item: () => T): T[] {
    const length = this.int32()
    if (length > this.left) throw new Error(`${length} items are said to follow`)
    return Array.from({ length: Math.max(0, length) }, item)
  }
}
