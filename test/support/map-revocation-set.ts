import type { Revocation } from '../events/revocation-record.ts'
import type { EpochMs, RevocationKey } from '../kernel/ids.ts'
import type { BearerClaims } from '../tokens/claims.ts'

/**
 * What a guard knows to be dead.
 * - `add` is a union, cutoffs and expiries merge by maximum: duplicates and any order give the same
 *   set.
 * - `expire` forgets what no live token can match, a bounded number at a time; late forgetting does
 *   no harm.
 */
export interface RevocationSet {
  add(revocation: Revocation): void
  /** The revocation that kills a token with these claims, or `null`. Cost: five look-ups. */
  hit(claims: BearerClaims): RevocationKey | null
  /** `at` is a closed time, never the host's clock, which may be ahead and come back. */
  expire(at: EpochMs, limit: number): void
  readonly size: number
}

type Entry = { cutoff: number; expiresAt: EpochMs }

const bucketMs = 60_000
const bucketOf = (at: EpochMs): number => Math.floor(at / bucketMs)

/** On Maps. About 200 bytes an entry; a look-up takes well under a microsecond. */
export class MapRevocationSet implements RevocationSet {
  readonly #entries = new Map<RevocationKey, Entry>()
  /** Keys by the minute of their expiry: forgetting never walks over what stays. */
  readonly #buckets = new Map<number, RevocationKey[]>()
  #due: RevocationKey[] = []
  #sweptTo = Number.NEGATIVE_INFINITY

  get size(): number {
    return this.#entries.size
  }

  add({ key, cutoff, expiresAt }: Revocation): void {
    const entry = this.#entries.get(key)
    if (entry === undefined) {
      this.#entries.set(key, { cutoff: cutoff ?? -1, expiresAt })
      this.#remember(key, expiresAt)
      return
    }
    entry.cutoff = Math.max(entry.cutoff, cutoff ?? -1)
    if (expiresAt <= entry.expiresAt) return
    const moved = bucketOf(expiresAt) !== bucketOf(entry.expiresAt)
    entry.expiresAt = expiresAt
    // The old bucket keeps the key and finds it alive: it is passed over there.
    if (moved) this.#remember(key, expiresAt)
  }

  hit({ jti, sid, sub, client_id: client, epoch }: BearerClaims): RevocationKey | null {
    if (this.#entries.has(`sid:${sid}`)) return `sid:${sid}`
    if (this.#entries.has(`jti:${jti}`)) return `jti:${jti}`
    if (this.#isBelow(`sub:${sub}`, epoch.sub)) return `sub:${sub}`
    if (this.#isBelow(`client:${client}`, epoch.client)) return `client:${client}`
    return this.#isBelow('all', epoch.all) ? 'all' : null
  }

  expire(at: EpochMs, limit: number): void {
    const current = bucketOf(at)
    if (current > this.#sweptTo) {
      this.#sweptTo = current
      for (const [bucket, keys] of this.#buckets) {
        if (bucket >= current) continue
        this.#buckets.delete(bucket)
        this.#due = this.#due.length === 0 ? keys : this.#due.concat(keys)
      }
    }
    for (let left = limit; left > 0; left -= 1) {
      const key = this.#due.pop()
      if (key === undefined) return
      const entry = this.#entries.get(key)
      if (entry !== undefined && entry.expiresAt <= at) this.#entries.delete(key)
    }
  }

  #isBelow(key: RevocationKey, epoch: number): boolean {
    const entry = this.#entries.get(key)
    return entry !== undefined && epoch < entry.cutoff
  }

  #remember(key: RevocationKey, expiresAt: EpochMs): void {
    const bucket = bucketOf(expiresAt)
    // A bucket that was swept already would wait for no one: what is late goes to the next sweep.
    const home = Math.max(bucket, this.#sweptTo)
    const keys = this.#buckets.get(home)
    if (keys === undefined) this.#buckets.set(home, [key])
    else keys.push(key)
  }
}
