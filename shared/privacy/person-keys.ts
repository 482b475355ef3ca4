import type { KeyObject } from 'node:crypto'
import type { KeyOwner } from '../events/personal-fields.ts'
import { setInBoundedMap } from '../kernel/bounded-map.ts'
import type { Clock } from '../kernel/clock.ts'
import type { PersonalKeys } from '../ports/personal-keys.ts'
import type { WrappedKeys } from './wrapped-keys.ts'

type Parts = Readonly<{ keys: PersonalKeys; wrapped: WrappedKeys; clock: Clock }>

/** `key` is `null` for whoever was erased. */
type Held = Readonly<{ key: KeyObject | null; readMs: number }>

const heldMax = 50_000
/**
 * A key that was dropped meanwhile seals on for as long: what it seals nobody opens. Each refresh
 * would else ask the store for its key.
 */
const sealsForMs = 3_600_000
/** What was erased is shown nowhere after so long. */
const opensForMs = 10_000

/** The keys of persons, unwrapped, as this process read them lately. */
export class PersonKeys {
  readonly #parts: Parts
  readonly #held = new Map<KeyOwner, Held>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** The key that seals, if it is known here; `undefined` if it must be obtained. */
  known(owner: KeyOwner): KeyObject | null | undefined {
    return this.#fresh(owner, sealsForMs)?.key
  }

  /** Made where there is none; `null` for whoever was erased. @throws AuthError KEYS_INVALID */
  async obtain(owner: KeyOwner): Promise<KeyObject | null> {
    const { keys, wrapped } = this.#parts
    const readMs = this.#nowMs()
    const found = await keys.obtain(owner, wrapped.make(owner))
    const key = found === null ? null : wrapped.open(owner, found)
    this.#hold(owner, { key, readMs })
    return key
  }

  /** Those that there are. @throws AuthError KEYS_INVALID, STORE_UNAVAILABLE */
  async find(owners: Iterable<KeyOwner>): Promise<ReadonlyMap<KeyOwner, KeyObject>> {
    const found = new Map<KeyOwner, KeyObject>()
    const unknown: KeyOwner[] = []
    for (const owner of new Set(owners)) {
      const held = this.#fresh(owner, opensForMs)
      if (held?.key) found.set(owner, held.key)
      else if (!held) unknown.push(owner)
    }
    if (unknown.length === 0) return found
    const readMs = this.#nowMs()
    const stored = await this.#parts.keys.find(unknown)
    for (const [index, owner] of unknown.entries()) {
      const key = this.#opened(owner, stored[index] ?? null)
      if (key === null) this.#held.delete(owner)
      else {
        this.#hold(owner, { key, readMs })
        found.set(owner, key)
      }
    }
    return found
  }

  /** It was dropped. */
  forget(owner: KeyOwner): void {
    this.#held.delete(owner)
  }

  #opened(owner: KeyOwner, stored: string | null): KeyObject | null {
    return stored === null ? null : this.#parts.wrapped.open(owner, stored)
  }

  #fresh(owner: KeyOwner, forMs: number): Held | undefined {
    const held = this.#held.get(owner)
    return held && this.#nowMs() - held.readMs < forMs ? held : undefined
  }

  #hold(owner: KeyOwner, held: Held): void {
    setInBoundedMap(this.#held, owner, held, heldMax)
  }

  #nowMs(): number {
    return this.#parts.clock.monotonicMs()
  }
}
