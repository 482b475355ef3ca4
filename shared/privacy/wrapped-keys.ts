import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import type { KeyOwner } from '../events/personal-fields.ts'
import { openBytes, sealBytes } from '../events/sealed-text.ts'
import type { Entropy } from '../kernel/entropy.ts'
import { AuthError } from '../kernel/errors.ts'
import { memoize } from '../kernel/memoize.ts'

/** The ring `personal.json`: one key wraps, all of them unwrap. */
export type WrappingRing = Readonly<{ active: string; keys: ReadonlyMap<string, KeyObject> }>

const keyBytes = 32

/** The ring's keys are for HMAC; each gives one for AES. */
const wrappingKey = (key: KeyObject): KeyObject =>
  createSecretKey(createHmac('sha256', key).update('curfew personal keys 1').digest())

/** A key as it is stored is its owner’s alone. */
const boundTo = (owner: KeyOwner): Buffer => Buffer.from(`curfew personal key 1\n${owner}`)

/** Makes keys, and opens those that are stored: `<kid>.<base64url>`. */
export class WrappedKeys {
  readonly #ring: WrappingRing
  readonly #entropy: Entropy
  readonly #keys: () => ReadonlyMap<string, KeyObject>

  constructor(ring: WrappingRing, entropy: Entropy) {
    this.#ring = ring
    this.#entropy = entropy
    this.#keys = memoize(
      () => ring.keys,
      (keys) => new Map([...keys].map(([kid, key]) => [kid, wrappingKey(key)])),
    )
  }

  /** A new key for this owner, wrapped. */
  make(owner: KeyOwner): string {
    const { active } = this.#ring
    const key = this.#keys().get(active)
    if (!key) throw new AuthError('KEYS_INVALID', 'personal.json has no key that wraps')
    const made = this.#entropy.bytes(keyBytes).toString('base64url')
    return `${active}.${sealBytes(key, this.#entropy.bytes(12), boundTo(owner), made)}`
  }

  /** @throws AuthError KEYS_INVALID where the ring has no key that wrapped it */
  open(owner: KeyOwner, wrapped: string): KeyObject {
    const [kid = '', sealed = ''] = wrapped.split('.')
    const key = this.#keys().get(kid)
    const opened = key ? openBytes(key, boundTo(owner), sealed) : null
    if (opened !== null) return createSecretKey(Buffer.from(opened, 'base64url'))
    throw new AuthError(
      'KEYS_INVALID',
      `personal.json has not the key ${kid.slice(0, 64)} that wrapped a person’s: put it back`,
    )
  }
}
