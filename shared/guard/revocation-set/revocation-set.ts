import type { Revocation } from '../../events/revocation-record.ts'
import { type Entropy, systemEntropy } from '../../kernel/entropy.ts'
import type { EpochMs, RevocationKey } from '../../kernel/ids.ts'
import type { BearerClaims } from '../../tokens/claims.ts'
import { CutoffTable } from './cutoff-table.ts'
import { HashTable } from './hash-table.ts'
import { type Fingerprint, SipHash } from './sip-hash.ts'

const minuteMs = 60_000
const first = 1
const last = 2 ** 32 - 1

/**
 * The minute of an instant since 1970, in 32 bits: what lies outside of them (before 1970, after
 * the year 10000) counts as the first or last one. 0 is no minute.
 */
const minutesSinceEpoch = (at: EpochMs): number =>
  Math.min(Math.max(Math.floor(at / minuteMs), first), last)

/**
 * What a guard knows to be dead.
 * - `add` is a union, cutoffs and expiries merge by maximum: duplicates and any order give the same
 *   set.
 * - An entry is known until the minute of its `expiresAt` is over; later than needed harms nobody.
 */
export interface RevocationSet {
  /** Whether it said anything that was not known. */
  add(revocation: Revocation): boolean
  /** As `add` of the row at `at` (`imageRowBytes`). */
  addRow(of: 'jti' | 'sid', rows: DataView, at: number): boolean
  /** About so many rows follow. */
  reserve(entries: number): void
  /** The revocation that kills a token with these claims, or `null`. */
  match(claims: BearerClaims): RevocationKey | null
  /**
   * `at` is a closed time, never the host's clock, which may be ahead and come back; an earlier one
   * than before changes nothing.
   */
  expire(at: EpochMs): void
  readonly size: number
  /** Of the memory that grows with the entries. */
  readonly bytes: number
}

/** Of tokens, of sessions, of subjects: each under a key of its own, so that none meets another. */
export type Fingerprints = Readonly<{ jti: Fingerprint; sid: Fingerprint; name: Fingerprint }>

const keyBytes = 16
/** Under keys of this set alone: what meets in one process does not meet in another. */
const keyedFingerprints = (entropy: Entropy): Fingerprints => ({
  jti: new SipHash(entropy.bytes(keyBytes)),
  sid: new SipHash(entropy.bytes(keyBytes)),
  name: new SipHash(entropy.bytes(keyBytes)),
})

// A fingerprint and the minute.
const exactShape = { keyWords: 2, width: 3 } as const

/**
 * In typed arrays. A token or session costs 15 to 20 bytes, as a keyed fingerprint of 64 bits: a
 * good token meets one of `n` others with a probability of 1 − (1 − 2⁻⁶⁴)²ⁿ, 1.1 in 10¹² at ten
 * million, and is refused then until the entry ends. A revoked one is always hit. Cutoffs are
 * exact.
 *
 * Cost of `hit`: three hashes and five look-ups, about a microsecond, whatever the size. No call
 * takes longer than 5,200 entries take to copy.
 */
export class CompactRevocationSet implements RevocationSet {
  readonly #hashes: Fingerprints
  readonly #exact = new HashTable(exactShape)
  readonly #cutoffs: CutoffTable
  /** What `touchBoth` read; says nothing. */
  protected touched = 0

  constructor(hashes: Fingerprints = keyedFingerprints(systemEntropy)) {
    this.#hashes = hashes
    this.#cutoffs = new CutoffTable(hashes.name)
  }

  get size(): number {
    return this.#exact.size + this.#cutoffs.size
  }

  get bytes(): number {
    return this.#exact.bytes + this.#cutoffs.bytes
  }

  add({ key, cutoff, expiresAt }: Revocation): boolean {
    const minute = minutesSinceEpoch(expiresAt)
    if (cutoff !== null) return this.#cutoffs.put(key, cutoff, minute)
    const hash = key.startsWith('jti:') ? this.#hashes.jti : this.#hashes.sid
    hash.of(key.slice(4))
    this.#exact.record[2] = minute
    return this.#exact.put(hash.lo, hash.hi)
  }

  addRow(of: 'jti' | 'sid', rows: DataView, at: number): boolean {
    const hash = this.#hashes[of]
    hash.ofHex(rows, at)
    this.#exact.record[2] = Math.max(rows.getUint32(at + 16, true), 1)
    return this.#exact.put(hash.lo, hash.hi)
  }

  reserve(entries: number): void {
    this.#exact.reserve(entries)
  }

  match({ jti, sid, sub, client_id: client, epoch }: BearerClaims): RevocationKey | null {
    const { jti: ofToken, sid: ofSession } = this.#hashes
    ofSession.of(sid)
    ofToken.of(jti)
    this.touched = this.#exact.touchBoth(ofSession.lo, ofSession.hi, ofToken.lo, ofToken.hi)
    if (this.#exact.has(ofSession.lo, ofSession.hi)) return `sid:${sid}`
    if (this.#exact.has(ofToken.lo, ofToken.hi)) return `jti:${jti}`
    if (epoch.sub < this.#cutoffs.ofSubject(sub)) return `sub:${sub}`
    if (epoch.client < this.#cutoffs.ofClient(client)) return `client:${client}`
    return epoch.all < this.#cutoffs.ofAll() ? 'all' : null
  }

  expire(at: EpochMs): void {
    const minute = minutesSinceEpoch(at)
    this.#exact.endBefore(minute)
    this.#exact.sweep()
    this.#cutoffs.endBefore(minute)
  }
}
