import type { KeyObject } from 'node:crypto'
import type { Clock } from '../kernel/clock.ts'
import type { Entropy } from '../kernel/entropy.ts'
import type { PersonalKeys } from '../ports/personal-keys.ts'
import { AddressTags } from './address-tag.ts'
import { EventOpener } from './event-opener.ts'
import { EventSealer } from './event-sealer.ts'
import { PersonKeys } from './person-keys.ts'
import { WrappedKeys, type WrappingRing } from './wrapped-keys.ts'

export type PrivacyParts = Readonly<{
  keys: PersonalKeys
  /** The ring `personal.json`. */
  ring: WrappingRing
  /** The key of `address.json`. */
  addressKey: KeyObject
  clock: Clock
  entropy: Entropy
}>

/** What seals and opens what events say of persons. */
export type Privacy = Readonly<{
  sealer: EventSealer
  opener: EventOpener
  tags: AddressTags
  /** The keys in the store, and what this process holds of them. */
  keys: PersonalKeys
  held: PersonKeys
}>

export const openPrivacy = ({ keys, ring, addressKey, clock, entropy }: PrivacyParts): Privacy => {
  const wrapped = new WrappedKeys(ring, entropy)
  const held = new PersonKeys({ keys, wrapped, clock })
  const tags = new AddressTags(addressKey)
  const sealer = new EventSealer({ keys: held, tags, entropy })
  return { sealer, opener: new EventOpener(held), tags, keys, held }
}
