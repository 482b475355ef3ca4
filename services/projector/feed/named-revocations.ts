import type { EpochMs, RevocationKey } from '../../../shared/kernel/ids.ts'
import { type ToldRevocation, tupleOf } from './told-revocation.ts'

type Entry = Readonly<{ cutoff: number; expiresAt: EpochMs; tuple: string }>

const bucketMs = 60_000
const bucketOf = (at: EpochMs): number => Math.floor(at / bucketMs)

/**
 * Revocations in force by their whole keys: cutoffs, and what does not fit into a row. About 600
 * bytes an entry. Of two with one key, the greater cutoff and the later expiry count, as in guards.
 */
export class NamedRevocations {
  readonly #entries = new Map<RevocationKey, Entry>()
  readonly #buckets = new Map<number, RevocationKey[]>()

  get size(): number {
    return this.#entries.size
  }

  add(told: ToldRevocation): void {
    const { key, cutoff, expiresAt } = told.revocation
    const kept = this.#entries.get(key)
    const merged = {
      cutoff: Math.max(kept?.cutoff ?? -1, cutoff ?? -1),
      expiresAt: Math.max(kept?.expiresAt ?? 0, expiresAt) as EpochMs,
    }
    const revocation = {
      ...told.revocation,
      cutoff: cutoff === null ? null : merged.cutoff,
      expiresAt: merged.expiresAt,
    }
    this.#entries.set(key, { ...merged, tuple: tupleOf({ ...told, revocation }) })
    if (kept && bucketOf(kept.expiresAt) === bucketOf(merged.expiresAt)) return
    const bucket = bucketOf(merged.expiresAt)
    const keys = this.#buckets.get(bucket)
    if (keys) keys.push(key)
    else this.#buckets.set(bucket, [key])
  }

  /** Drops revocations that expired before the closed time `at`, in whole minutes. */
  expire(at: EpochMs): void {
    const current = bucketOf(at)
    for (const [bucket, keys] of this.#buckets) {
      if (bucket >= current) continue
      this.#buckets.delete(bucket)
      for (const key of keys) {
        const entry = this.#entries.get(key)
        if (entry && bucketOf(entry.expiresAt) < current) this.#entries.delete(key)
      }
    }
  }

  /**
   * The entries that exist now; each as it is when it is met. One that expires meanwhile may be
   * missing.
   */
  *tuples(): Generator<string> {
    // Entries added meanwhile are last in the map and are left out, or a slow reader might never
    // reach the end.
    let left = this.#entries.size
    for (const { tuple } of this.#entries.values()) {
      if (left === 0) return
      left -= 1
      yield tuple
    }
  }
}
