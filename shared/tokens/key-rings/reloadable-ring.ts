import type { KeyLookup } from '../keys/index.ts'
import type { KeyRing, RingKey, RingKind } from './key-ring.ts'

/**
 * A ring whose file may change under a running gateway. Whoever holds it sees the newest keys at
 * the next call.
 */
export class ReloadableRing<Kind extends RingKind> implements KeyRing<Kind> {
  #ring: KeyRing<Kind>

  constructor(ring: KeyRing<Kind>) {
    this.#ring = ring
  }

  get kind(): Kind {
    return this.#ring.kind
  }
  get ringId(): string {
    return this.#ring.ringId
  }
  get keys(): readonly RingKey[] {
    return this.#ring.keys
  }
  get active(): RingKey {
    return this.#ring.active
  }
  get: KeyLookup['get'] = (kid) => this.#ring.get(kid)

  /** Another ring's keys would make this gateway one of another fleet: `false`, nothing changes. */
  replace(ring: KeyRing<Kind>): boolean {
    if (ring.ringId !== this.#ring.ringId) return false
    this.#ring = ring
    return true
  }
}
