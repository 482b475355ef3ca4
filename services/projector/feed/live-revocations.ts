import type { Revocation } from '../../../shared/events/revocation-record.ts'
import type { RevocationTuple } from '../../../shared/guard/feed-protocol/index.ts'
import type { EpochMs, EventId, RevocationKey } from '../../../shared/kernel/ids.ts'

type Told = Readonly<{ revocation: Revocation; id: EventId; offset: number }>
type Entry = Readonly<{ cutoff: number; expiresAt: EpochMs; tuple: string }>

const bucketMs = 60_000
const bucketOf = (at: EpochMs): number => Math.floor(at / bucketMs)

/** A revocation as it is sent. The text is made once for all readers. */
export const tupleOf = ({ revocation, id, offset }: Told): string => {
  const { key, cutoff, expiresAt, reason, revokedAt } = revocation
  const tuple: RevocationTuple = [key, cutoff, expiresAt, reason, revokedAt, id, offset]
  return JSON.stringify(tuple)
}

/**
 * The revocations in force, by key: the content of a snapshot. About 600 bytes an entry. Of two
 * with one key, the greater cutoff and the later expiry count, as in guards.
 */
export class LiveRevocations {
  readonly #entries = new Map<RevocationKey, Entry>()
  readonly #buckets = new Map<number, RevocationKey[]>()

  get size(): number {
    return this.#entries.size
  }

  add(told: Told): void {
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
   * The entries that exist now, in pages. Each entry is as it is when its page is made; one that
   * expires meanwhile may be missing. A reader that follows the tail from before the first page on
   * misses nothing.
   */
  *pages(size: number): Generator<readonly string[]> {
    // Entries added meanwhile are last in the map and are left out, or a slow reader might never
    // reach the end.
    let left = this.#entries.size
    let page: string[] = []
    for (const { tuple } of this.#entries.values()) {
      if (left === 0) break
      left -= 1
      page.push(tuple)
      if (page.length < size) continue
      yield page
      page = []
    }
    if (page.length > 0) yield page
  }
}
