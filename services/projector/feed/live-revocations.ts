import { type Entropy, systemEntropy } from '../../../shared/kernel/entropy.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { NamedRevocations } from './named-revocations.ts'
import { RevocationRows } from './revocation-rows.ts'
import { Reasons, type RowScope } from './row-format.ts'
import { type ToldRevocation, tupleOf } from './told-revocation.ts'

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

  add(told: ToldRevocation): void {
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
