import type { RevocationKey } from '../../kernel/ids.ts'
import type { BearerClaims } from '../../tokens/claims.ts'
import type { CallerEnded } from '../api/caller-ended.ts'
import type { OnStale } from '../api/verdict.ts'
import { type Expiring, ExpiryHeap } from './expiry-heap.ts'

/** A caller with an open connection, which hears when its token ends. */
export type OpenCaller = Expiring & {
  readonly claims: BearerClaims
  readonly onStale: OnStale
  readonly tell: (ended: CallerEnded) => void
  /** By the monotonic clock: then it was good, as far as the gateway knew. */
  goodAtMs: number
}

const namesOf = ({ jti, sid, sub, client_id: client }: BearerClaims): readonly RevocationKey[] => [
  `jti:${jti}`,
  `sid:${sid}`,
  `sub:${sub}`,
  `client:${client}`,
]

/**
 * Callers whose connections are open. They are found by everything that a revocation can name
 * (token, session, subject, client) and in the order in which they expire. Cost of a revocation:
 * one look-up, and a step for each caller that it names, however many are open. Memory: some 1.3 kB
 * each, until it is deleted.
 */
export class OpenCallers {
  readonly #due = new ExpiryHeap<OpenCaller>()
  readonly #named = new Map<RevocationKey, Set<OpenCaller>>()

  get size(): number {
    return this.#due.size
  }

  /** The one that ends first. */
  get first(): OpenCaller | undefined {
    return this.#due.first
  }

  has(caller: OpenCaller): boolean {
    return this.#due.has(caller)
  }

  /** All of them now. */
  all(): readonly OpenCaller[] {
    return this.#due.all()
  }

  /** Those that a revocation of `key` may end; of a cutoff, also ones that began after it. */
  revokedBy(key: RevocationKey): readonly OpenCaller[] {
    return key === 'all' ? this.all() : [...(this.#named.get(key) ?? [])]
  }

  add(caller: OpenCaller): void {
    this.#due.add(caller)
    for (const name of namesOf(caller.claims)) {
      const known = this.#named.get(name)
      if (known === undefined) this.#named.set(name, new Set([caller]))
      else known.add(caller)
    }
  }

  /** Whether it was there. */
  delete(caller: OpenCaller): boolean {
    if (!this.#due.delete(caller)) return false
    for (const name of namesOf(caller.claims)) {
      const known = this.#named.get(name)
      known?.delete(caller)
      if (known?.size === 0) this.#named.delete(name)
    }
    return true
  }
}
