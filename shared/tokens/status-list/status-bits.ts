import { deflateSync } from 'node:zlib'

/** What `lst` of a status list is made of, whatever the statuses' size in bits (draft 20, 4.1). */
export const compressedStatuses = (bytes: Uint8Array): string =>
  deflateSync(bytes, { level: 9 }).toString('base64url')

/** One bit a token: 0 is VALID, 1 is INVALID. Bit 0 is the least significant of byte 0. */
export class StatusBits {
  readonly #bytes: Uint8Array

  /** `count` is a multiple of 8; all are VALID. */
  constructor(count: number) {
    this.#bytes = new Uint8Array(count / 8)
  }

  isInvalid(idx: number): boolean {
    return (((this.#bytes[idx >> 3] ?? 0) >> (idx & 7)) & 1) === 1
  }

  invalidate(idx: number): void {
    this.#bytes[idx >> 3] = (this.#bytes[idx >> 3] ?? 0) | (1 << (idx & 7))
  }

  invalidateAll(): void {
    this.#bytes.fill(0xff)
  }

  /** Cost: about 1 ms for 16 KiB. */
  compressed(): string {
    return compressedStatuses(this.#bytes)
  }
}
