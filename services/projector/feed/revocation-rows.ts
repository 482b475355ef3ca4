import { imageRowBytes } from '../../../shared/guard/feed-protocol/index.ts'
import { HashTable, SipHash } from '../../../shared/guard/revocation-set/index.ts'
import type { Entropy } from '../../../shared/kernel/entropy.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { LoggedRevocation } from './logged-revocation.ts'
import {
  expiryOf,
  minuteWord,
  type Reasons,
  type RowScope,
  rowWords,
  toldOf,
  writeImageRow,
  writeRow,
} from './revocation-row-format.ts'

/** Rows of a block: one chunk of an image, 48 KiB. */
const blockRows = 2_048
const minuteMs = 60_000
const keyBytes = 16
/** Blocks that one call of `expire` looks into. */
const lookedInto = 16
// The fingerprint of an id, the number of its row, the minute.
const indexShape = { keyWords: 2, width: 4, replaces: true } as const

type Block = { readonly first: number; readonly words: Uint32Array; rows: number }

/**
 * The tokens, or the sessions, that were revoked, each by its id of 32 hex digits: rows in blocks,
 * in the order in which they came, and an index of them. About 60 bytes an entry.
 */
export class RevocationRows {
  readonly #of: RowScope
  readonly #reasons: Reasons
  readonly #hash: SipHash
  readonly #index = new HashTable(indexShape)
  /** By the number of their first row, in their order. */
  readonly #blocks = new Map<number, Block>()
  readonly #free: number[] = []
  #newest: Block | null = null
  #nextFirst = 0
  #minute = 0
  readonly #row = new Uint32Array(rowWords)
  #looking: IterableIterator<Block> | null = null

  constructor(of: RowScope, reasons: Reasons, entropy: Entropy) {
    this.#of = of
    this.#reasons = reasons
    this.#hash = new SipHash(entropy.bytes(keyBytes))
  }

  get size(): number {
    return this.#index.size
  }

  /**
   * Whether it is held here. Of two with one id the later expiry counts, and what was told last.
   */
  add(told: LoggedRevocation): boolean {
    if (!writeRow(this.#row, this.#of, told, this.#reasons)) return false
    this.#hash.of(told.revocation.key.slice(4))
    const known = this.#rowOf(this.#hash.lo, this.#hash.hi)
    if (known === null) return this.#append(this.#row)
    const { words, at } = known
    // Another id of the same fingerprint: it is held elsewhere, where ids are whole.
    if (this.#row.some((word, index) => index < 4 && word !== words[at + index])) return false
    if (expiryOf(this.#row, 0) < expiryOf(words, at)) {
      this.#row[minuteWord] = words[at + minuteWord] as number
      this.#row[6] = ((this.#row[6] as number) & 0xffff) | ((words[at + 6] as number) & ~0xffff)
    }
    words.set(this.#row, at)
    this.#point(known.number, this.#row[minuteWord] as number)
    return true
  }

  /** Drops what expired before the minute of the closed time `at`; its memory bit by bit. */
  expire(at: EpochMs): void {
    this.#minute = Math.max(this.#minute, Math.floor(at / minuteMs))
    this.#index.endBefore(this.#minute)
    this.#index.sweep()
    this.#looking ??= this.#blocks.values()
    for (let left = Math.min(lookedInto, this.#blocks.size); left > 0; left -= 1) {
      const { done, value } = this.#looking.next()
      if (done === true) {
        this.#looking = null
        return
      }
      if (value !== this.#newest) this.#tidy(value)
    }
  }

  /** All that is in force and was there at the first step, and some of what came later. */
  *told(): Generator<LoggedRevocation> {
    for (const block of this.#blocks.values()) {
      for (const at of this.#live(block)) yield toldOf(block.words, at, this.#of, this.#reasons)
    }
  }

  /** The same, in rows of an image. */
  *imageRows(): Generator<Buffer> {
    for (const block of this.#blocks.values()) {
      const bytes = Buffer.alloc(block.rows * imageRowBytes)
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      let rows = 0
      for (const at of this.#live(block)) {
        writeImageRow(view, rows, block.words, at)
        rows += 1
      }
      if (rows > 0) yield bytes.subarray(0, rows * imageRowBytes)
    }
  }

  /** Where the rows of `block` that have not expired lie in its words. */
  #live({ words, rows }: Block): number[] {
    const places: number[] = []
    for (let at = 0; at < rows * rowWords; at += rowWords) {
      if ((words[at + minuteWord] as number) >= this.#minute) places.push(at)
    }
    return places
  }

  #rowOf(lo: number, hi: number) {
    const number = this.#index.value(lo, hi)
    if (number === undefined) return null
    const index = number % blockRows
    const block = this.#blocks.get(number - index) as Block
    return { number, words: block.words, at: index * rowWords }
  }

  #append(row: Uint32Array): boolean {
    const minute = row[minuteWord] as number
    if (minute < this.#minute) return true
    const block = this.#room()
    block.words.set(row, block.rows * rowWords)
    this.#point(block.first + block.rows, minute)
    block.rows += 1
    return true
  }

  /** For the id whose hash was made last. */
  #point(number: number, minute: number): void {
    this.#index.record[2] = number
    this.#index.record[3] = minute
    this.#index.put(this.#hash.lo, this.#hash.hi)
  }

  #room(): Block {
    const newest = this.#newest
    if (newest && newest.rows < blockRows) return newest
    const first = this.#free.pop() ?? this.#nextFirst
    this.#nextFirst = Math.max(this.#nextFirst, first + blockRows)
    const block = { first, words: new Uint32Array(blockRows * rowWords), rows: 0 }
    this.#blocks.set(first, block)
    this.#newest = block
    return block
  }

  /** A block of which less than half is left is given up; what is left goes to the end. */
  #tidy(block: Block): void {
    const live = this.#live(block)
    if (live.length >= block.rows / 2) return
    for (const at of live) {
      const { revocation } = toldOf(block.words, at, this.#of, this.#reasons)
      this.#hash.of(revocation.key.slice(4))
      this.#append(block.words.subarray(at, at + rowWords))
    }
    this.#blocks.delete(block.first)
    this.#free.push(block.first)
  }
}
