import type { KeyObject } from 'node:crypto'
import type { NewCommit } from '../events/commit.ts'
import type { AuthEvent } from '../events/event.ts'
import {
  type KeyOwner,
  type OwnerRole,
  ownerOf,
  type PersonalFields,
  partPersonal,
} from '../events/personal-fields.ts'
import { type SealedPart, sealedTextOf, sealFields } from '../events/sealed-text.ts'
import type { Entropy } from '../kernel/entropy.ts'
import type { AddressTags } from './address-tag.ts'
import type { PersonKeys } from './person-keys.ts'

type Parts = Readonly<{ keys: PersonKeys; tags: AddressTags; entropy: Entropy }>

/** The same of some events of a commit, under one key. */
type Group = { role: OwnerRole; owner: KeyOwner; fields: PersonalFields; events: number[] }

/** A commit apart from what it says of persons. */
type Parted = Readonly<{
  events: readonly AuthEvent[]
  groups: readonly Group[]
  addresses: ReadonlySet<string>
}>

const sameFields = (a: PersonalFields, b: PersonalFields): boolean => {
  const codes = Object.keys(a)
  return codes.length === Object.keys(b).length && codes.every((code) => a[code] === b[code])
}

const parted = ({ events, at }: NewCommit): Parted => {
  const rests: AuthEvent[] = []
  const groups: Group[] = []
  const addresses = new Set<string>()
  for (const [index, event] of events.entries()) {
    const { rest, fields, address } = partPersonal(event)
    rests.push(rest)
    if (address !== null) addresses.add(address)
    for (const [role, ofRole] of fields) {
      const owner = ownerOf(role, event, at)
      if (owner === null) continue
      const same = groups.find(
        (group) => group.role === role && group.owner === owner && sameFields(group.fields, ofRole),
      )
      if (same) same.events.push(index)
      else groups.push({ role, owner, fields: ofRole, events: [index] })
    }
  }
  return { events: rests, groups, addresses }
}

/**
 * Seals what a commit says of persons, between decision and append: its id, to which the seal is
 * bound, is known by then. Of several events that say the same it is sealed once.
 */
export class EventSealer {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /**
   * At once where the keys are known here: a refresh waits for nothing. A key that was not there is
   * durable before the commit is sealed under it. @throws AuthError STORE_UNAVAILABLE, KEYS_INVALID
   */
  seal(commit: NewCommit): NewCommit | Promise<NewCommit> {
    const parts = parted(commit)
    if (parts.groups.length === 0) return commit
    const { keys } = this.#parts
    const found = parts.groups.map(({ owner }) => keys.known(owner))
    if (!found.includes(undefined)) return this.#sealed(commit, parts, found)
    return this.#obtain(parts.groups).then((obtained) => this.#sealed(commit, parts, obtained))
  }

  /** One after another: of groups of one owner the second finds the key of the first. */
  async #obtain(groups: readonly Group[]): Promise<(KeyObject | null)[]> {
    const { keys } = this.#parts
    const found: (KeyObject | null)[] = []
    for (const { owner } of groups) {
      const known = keys.known(owner)
      found.push(known === undefined ? await keys.obtain(owner) : known)
    }
    return found
  }

  /** Of whoever was erased nothing is kept. */
  #sealed(
    commit: NewCommit,
    { events, groups, addresses }: Parted,
    keys: readonly (KeyObject | null | undefined)[],
  ): NewCommit {
    const { tags, entropy } = this.#parts
    const { s, v } = commit.id
    const sealed: SealedPart[] = []
    for (const [index, { role, owner, fields, events: of }] of groups.entries()) {
      const key = keys[index]
      if (!key) continue
      const part = { role, events: of.length === events.length ? null : of }
      const place = { commit: `${s}:${v}`, owner, part }
      sealed.push({ ...part, sealed: sealFields(key, entropy.bytes(12), place, fields) })
    }
    if (sealed.length === 0) return { ...commit, events }
    const tagged = [...addresses].map((address) => tags.of(address))
    const personal = sealedTextOf({ tags: [...new Set(tagged)], parts: sealed })
    return { ...commit, events, personal }
  }
}
