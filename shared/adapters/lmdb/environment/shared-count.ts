/**
 * How many there were so far, which one thread counts and another reads at once, without a message.
 * It begins anew after 2^32, so only differences say something.
 */
export class SharedCount {
  readonly #count: Int32Array

  /** `shared` is four bytes, all zero at first, that both threads see. */
  constructor(shared: SharedArrayBuffer) {
    this.#count = new Int32Array(shared)
  }

  static shared(): SharedArrayBuffer {
    return new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)
  }

  set(count: number): void {
    Atomics.store(this.#count, 0, count | 0)
  }

  /** How far it is behind another count: below 2^31. */
  behind(count: number): number {
    return (count - Atomics.load(this.#count, 0)) | 0
  }
}
