import { type EpochMs, msOf } from '../../kernel/ids.ts'
import type { BearerClaims } from '../../tokens/claims.ts'
import type { KeyLookup, VerifyKey } from '../../tokens/keys/index.ts'
import type { Verified } from '../../tokens/verification/index.ts'

/** Verifies one token with `keys` at `now`. */
export type VerifyToken = (token: string, keys: KeyLookup, now: EpochMs) => Verified<BearerClaims>

export type VerifiedTokenCacheOptions = Readonly<{
  keys: KeyLookup
  verify: VerifyToken
  /** How long past `exp` a token is good. */
  leewayMs: number
  /** About how much memory may be used; 0 keeps nothing. */
  bytesMax: number
}>

type Accepted = Extract<Verified<BearerClaims>, { ok: true }>
type Entry = Readonly<{
  token: string
  verified: Accepted
  /** The very key that checked the signature; another object under its id is another key. */
  key: VerifyKey
  from: number
  until: number
  bytes: number
}>

// Measured on tokens of 500 to 4,000 characters: the text, and its claims as an object.
const bytesOf = (token: string): number => 1_000 + 4 * token.length

const frozen = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(frozen)
    Object.freeze(value)
  }
  return value
}

/**
 * Under which a token is looked up: the end of its signature, which is different in each. Of a
 * whole token V8 would hash every character, each time that it comes. What is no text has none, and
 * is refused where tokens are read: services in JavaScript pass on whatever came.
 */
const keyOf = (token: unknown): string => (typeof token === 'string' ? token.slice(-32) : '')

// A piece cut from a header keeps the whole header alive.
const ownCopy = (token: string): string => Buffer.from(token, 'latin1').toString('latin1')

/**
 * Tokens whose signature was checked before, by their exact text. An answer is the same as without
 * it: a token counts from its `iat` to its `exp`, while its key is the one under its id; all else
 * is verified anew. What was refused is not kept, so nobody without a key can fill it. It says
 * nothing of revocation: that is asked behind it, every time.
 *
 * Two halves: when the younger is full, it becomes the older and the older is dropped whole; a hit
 * moves a token to the younger. The claims are frozen, since callers share them.
 *
 * Cost of a hit: one look-up by text, 0.5 to 1 µs; of a miss: one signature check.
 */
export class VerifiedTokenCache {
  readonly #options: VerifiedTokenCacheOptions
  #young = new Map<string, Entry>()
  #old = new Map<string, Entry>()
  #youngBytes = 0
  #oldBytes = 0
  #hits = 0
  #misses = 0

  constructor(options: VerifiedTokenCacheOptions) {
    this.#options = options
  }

  /** For metrics. */
  get counts(): Readonly<{ hits: number; misses: number; entries: number; bytes: number }> {
    return {
      hits: this.#hits,
      misses: this.#misses,
      entries: this.#young.size + this.#old.size,
      bytes: this.#youngBytes + this.#oldBytes,
    }
  }

  verify(token: string, now: EpochMs): Verified<BearerClaims> {
    const entry = this.#entryOf(token)
    if (entry !== undefined && this.#holds(entry, now)) {
      this.#hits += 1
      return entry.verified
    }
    this.#misses += 1
    if (entry !== undefined) this.#drop(entry)
    return this.#verifyAnew(token, now)
  }

  #holds({ key, from, until }: Entry, now: EpochMs): boolean {
    if (now < from || now >= until) return false
    // A key past its end counts as unknown (`keyFor`).
    if (key.notAfter !== null && now >= key.notAfter) return false
    return this.#options.keys.get(key.kid) === key
  }

  #verifyAnew(token: string, now: EpochMs): Verified<BearerClaims> {
    const { keys, verify, leewayMs, bytesMax } = this.#options
    let used: VerifyKey | undefined
    const noted: KeyLookup = {
      get: (kid) => {
        used = keys.get(kid)
        return used
      },
    }
    const verified = verify(token, noted, now)
    if (!verified.ok || used === undefined || bytesOf(token) > bytesMax / 2) return verified
    const { iat, exp, nbf } = frozen(verified.claims)
    const from = Math.max(iat, typeof nbf === 'number' ? nbf : 0) * 1000
    const until = msOf(exp) + leewayMs
    const bytes = bytesOf(token)
    this.#keep({ token: ownCopy(token), verified, key: used, from, until, bytes })
    return verified
  }

  /** Another token with that signature is a forgery, and finds and changes nothing. */
  #entryOf(token: string): Entry | undefined {
    const key = keyOf(token)
    const entry = this.#young.get(key) ?? this.#old.get(key)
    if (entry?.token !== token) return undefined
    if (this.#old.delete(key)) {
      this.#oldBytes -= entry.bytes
      this.#keep(entry)
    }
    return entry
  }

  #keep(entry: Entry): void {
    if (this.#youngBytes + entry.bytes > this.#options.bytesMax / 2) {
      this.#old = this.#young
      this.#oldBytes = this.#youngBytes
      this.#young = new Map()
      this.#youngBytes = 0
    }
    this.#young.set(keyOf(entry.token), entry)
    this.#youngBytes += entry.bytes
  }

  #drop({ token, bytes }: Entry): void {
    if (this.#young.delete(keyOf(token))) this.#youngBytes -= bytes
  }
}
