import { createHmac, type KeyObject } from 'node:crypto'
import { setInBoundedMap } from '../kernel/bounded-map.ts'

const tagLength = 4
const rememberedMax = 10_000

/**
 * By what events of an address are found although they do not show it: sixteen bits of an HMAC.
 * Whoever holds the key can say that an address has this tag, and so have 65,000 others.
 */
export class AddressTags {
  readonly #key: KeyObject
  readonly #tags = new Map<string, string>()

  constructor(key: KeyObject) {
    this.#key = key
  }

  of(address: string): string {
    const known = this.#tags.get(address)
    if (known !== undefined) return known
    const mac = createHmac('sha256', this.#key).update(`address tag 1:${address}`)
    const tag = mac.digest('hex').slice(0, tagLength)
    setInBoundedMap(this.#tags, address, tag, rememberedMax)
    return tag
  }
}
