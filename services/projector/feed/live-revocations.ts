import { type Entropy, systemEntropy } from '../../../shared/kernel/entropy.ts'
import type { EpochMs, RevocationKey } from '../../../shared/kernel/ids.ts'
import { type LoggedRevocation, tupleOf } from './logged-revocation.ts'
import { Reasons, type RowScope } from './revocation-row-format.ts'
import { RevocationRows } from './revocation-rows.ts'

type Entry = Readonly<{ cutoff: number; expiresAt: EpochMs; tuple: string }>

const bucketMs = 60_000
const bucketOf = (at: EpochMs): number => Math.floor(at / bucketMs)

/**
 * Revocations in force by their whole keys: cutoffs, and what does not fit into a row. About 600
 * bytes an entry. Of two with one key, the greater cutoff and the later expiry count, as in guards.
 */
class NamedRevocations {
  readonly #entries = new Map<RevocationKey, Entry>()
  readonly #buckets = new Map<number, RevocationKey[]>()

  get size(): number {
    return this.#entries.size
  }

  add(told: LoggedRevocation): void {
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

/** A part of an image: rows, or the tuples of some entries as an array in JSON. */
export type ImagePart = Readonly<{ of: RowScope | 'json'; body: Buffer }>

const tuplesPerPart = 250

function* paged<T>(all: Iterable<T>, size: number): Generator<readonly T[]> {
  let page: T[] = []
  for (const one of all) {
    page.push(one)
    if (page.length < size) continue
    yield page
    page = []
  }
  if (page.length > 0) yield page
}

/** The revocations in force: what readers of the feed are told first. */
export class LiveRevocations {
  readonly #scopes: Readonly<Record<RowScope, RevocationRows>>
  readonly #named = new NamedRevocations()

  constructor(entropy: Entropy = systemEntropy) {
    const reasons = new Reasons()
    this.#scopes = {
      sid: new RevocationRows('sid', reasons, entropy),
      jti: new RevocationRows('jti', reasons, entropy),
    }
  }

  get size(): number {
    return this.#scopes.sid.size + this.#scopes.jti.size + this.#named.size
  }

  add(told: LoggedRevocation): void {
    const scope = told.revocation.key.slice(0, 3)
    const isRow = (scope === 'sid' || scope === 'jti') && this.#scopes[scope].add(told)
    if (!isRow) this.#named.add(told)
  }

  /** Drops revocations that expired before the closed time `at`, in whole minutes. */
  expire(at: EpochMs): void {
    this.#scopes.sid.expire(at)
    this.#scopes.jti.expire(at)
    this.#named.expire(at)
  }

  /**
   * The entries in force, in pages of tuples, while others come and go. A reader that follows the
   * tail from before the first page on misses nothing.
   */
  pages(size: number): Generator<readonly string[]> {
    return paged(this.#tuples(), size)
  }

  /** The same as parts of an image. */
  *parts(): Generator<ImagePart> {
    for (const scope of ['sid', 'jti'] as const) {
      for (const body of this.#scopes[scope].imageRows()) yield { of: scope, body }
    }
    for (const tuples of paged(this.#named.tuples(), tuplesPerPart)) {
      yield { of: 'json', body: Buffer.from(`[${tuples.join(',')}]`) }
    }
  }

  *#tuples(): Generator<string> {
    for (const scope of ['sid', 'jti'] as const) {
      for (const told of this.#scopes[scope].told()) yield tupleOf(told)
    }
    yield* this.#named.tuples()
  }
}
