import type { RevocationKey } from '../../kernel/ids.ts'
import { HashTable } from './hash-table.ts'
import type { Fingerprint } from './sip-hash.ts'

// A hash, four words of the id; the cutoff, the minute.
const shape = { keyWords: 6, width: 8 } as const
const idWords = [8, 16, 24, 32] as const
const hex32 = /^[0-9a-f]{32}$/
// A subject that was cut off four billion times stays so: the word is full, and says "for ever".
const cutoffFull = 2 ** 32 - 1
const none = -1
/** Names that one call of `endBefore` looks at. */
const sweptNames = 1_000
const bytesOfName = 200

type Cutoff = { cutoff: number; minute: number }

/**
 * Cutoffs of subjects, clients and everyone: exact, whatever hashes do. Curfew's own subjects (32
 * hex digits) lie in typed arrays, 40 to 50 bytes each; what has another name (a team's directory,
 * clients) in a map, about 200 bytes each.
 */
export class CutoffTable {
  readonly #hash: Fingerprint
  readonly #subjects = new HashTable(shape)
  readonly #names = new Map<string, Cutoff>()
  #minute = 0
  #sweep: IterableIterator<[string, Cutoff]> | null = null

  constructor(hash: Fingerprint) {
    this.#hash = hash
  }

  /** Names in the map may count for a while after they ended. */
  get size(): number {
    return this.#subjects.size + this.#names.size
  }

  get bytes(): number {
    return this.#subjects.bytes + this.#names.size * bytesOfName
  }

  /** Merges by maximum. Whether it said anything new. */
  put(key: RevocationKey, cutoff: number, minute: number): boolean {
    if (minute < this.#minute) return false
    const name = key.startsWith('sub:') ? key.slice(4) : ''
    if (!hex32.test(name)) return this.#putName(key, cutoff, minute)
    this.#aim(name)
    this.#subjects.record[6] = Math.min(cutoff, cutoffFull)
    this.#subjects.record[7] = minute
    return this.#subjects.put(this.#hash.lo, this.#hash.hi)
  }

  /** Sessions of a lower epoch are dead; −1 when there is no cutoff. */
  ofSubject(sub: string): number {
    if (this.size === 0) return none
    if (!hex32.test(sub)) return this.#ofName(`sub:${sub}`)
    this.#aim(sub)
    const cutoff = this.#subjects.value(this.#hash.lo, this.#hash.hi) ?? none
    return cutoff === cutoffFull ? Number.POSITIVE_INFINITY : cutoff
  }

  ofClient(client: string): number {
    return this.#names.size === 0 ? none : this.#ofName(`client:${client}`)
  }

  ofAll(): number {
    return this.#ofName('all')
  }

  /** Cost: bounded a call; what ended does not count from here on. */
  endBefore(minute: number): void {
    this.#minute = Math.max(this.#minute, minute)
    this.#subjects.endBefore(minute)
    this.#subjects.sweep()
    this.#sweep ??= this.#names.entries()
    for (let left = Math.min(sweptNames, this.#names.size); left > 0; left -= 1) {
      const { done, value } = this.#sweep.next()
      if (done === true) {
        this.#sweep = null
        return
      }
      if (value[1].minute < this.#minute) this.#names.delete(value[0])
    }
  }

  /** Leaves the subject's hash in `#hash` and its id in the record. */
  #aim(sub: string): void {
    const { record } = this.#subjects
    idWords.forEach((end, index) => {
      record[2 + index] = Number.parseInt(sub.slice(end - 8, end), 16)
    })
    this.#hash.of(sub)
  }

  #putName(key: RevocationKey, cutoff: number, minute: number): boolean {
    const known = this.#names.get(key)
    if (known === undefined || known.minute < this.#minute) {
      this.#names.set(key, { cutoff, minute })
      return true
    }
    const isNews = cutoff > known.cutoff || minute > known.minute
    known.cutoff = Math.max(cutoff, known.cutoff)
    known.minute = Math.max(minute, known.minute)
    return isNews
  }

  #ofName(key: string): number {
    const known = this.#names.get(key)
    return known === undefined || known.minute < this.#minute ? none : known.cutoff
  }
}
