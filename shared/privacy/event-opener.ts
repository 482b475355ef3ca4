import type { KeyObject } from 'node:crypto'
import type { Recorded } from '../events/decoded-record-cache.ts'
import {
  type KeyOwner,
  ownerOf,
  ownerOfSubject,
  type PersonalFields,
  withPersonal,
} from '../events/personal-fields.ts'
import { openFields, readSealedText, type SealedPart } from '../events/sealed-text.ts'
import type { EpochMs } from '../kernel/ids.ts'
import type { PersonKeys } from './person-keys.ts'

/** An event as it was read; older versions wrote records without a time. */
export type ReadEvent = Readonly<Omit<Recorded, 'at'> & { at: EpochMs | null }>

/** A part of a sealed text, with whose key opens it. */
type Locked = Readonly<{ commit: string; owner: KeyOwner; part: SealedPart }>

/** Which event of which commit an id names. */
const placeOf = (id: string): Readonly<{ commit: string; index: number }> => {
  const colon = id.lastIndexOf(':')
  return { commit: id.slice(0, colon), index: Number(id.slice(colon + 1)) }
}

type Sealed = Readonly<{ commit: string; personal?: string | undefined }>

/** The parts that `owner` names somebody for. */
const locked = (
  { personal, commit }: Sealed,
  owner: (part: SealedPart) => KeyOwner | null,
): readonly Locked[] =>
  personal === undefined
    ? []
    : readSealedText(personal).parts.flatMap((part) => {
        const of = owner(part)
        return of === null ? [] : [{ commit, owner: of, part }]
      })

/** Those of this one event of a commit. */
const lockedIn = ({ id, personal, event, at }: ReadEvent): readonly Locked[] => {
  const { commit, index } = placeOf(id)
  return locked({ commit, personal }, ({ role, events }) =>
    events === null || events.includes(index) ? ownerOf(role, event, at) : null,
  )
}

const opened = (
  parts: readonly Locked[],
  keys: ReadonlyMap<KeyOwner, KeyObject>,
): readonly PersonalFields[] =>
  parts.flatMap(({ commit, owner, part }) => {
    const key = keys.get(owner)
    const fields = key && openFields(key, { commit, owner, part }, part.sealed)
    return fields ? [fields] : []
  })

/** Where somebody was, as a use of a session has it. */
export type SealedOrigin = Sealed & Readonly<{ sub: string }>
type Origin = Readonly<{ address: string | null; agent: string | null }>

/** Opens what events say of persons, for whoever may read it. */
export class EventOpener {
  readonly #keys: PersonKeys

  constructor(keys: PersonKeys) {
    this.#keys = keys
  }

  /**
   * The same events, with what can be opened. What was erased, and what is of another place than
   * the event, stays as it is. `only`: what is sealed under this key alone.
   * @throws AuthError STORE_UNAVAILABLE, KEYS_INVALID
   */
  async open<Event extends ReadEvent>(
    events: readonly Event[],
    only: KeyOwner | null = null,
  ): Promise<readonly Event[]> {
    const parts = events.map((read) =>
      lockedIn(read).filter(({ owner }) => only === null || owner === only),
    )
    const keys = await this.#keys.find(parts.flat().map(({ owner }) => owner))
    return events.map((read, index) => {
      const event = opened(parts[index] ?? [], keys).reduce(withPersonal, read.event)
      return event === read.event ? read : { ...read, event }
    })
  }

  /** The same for uses of sessions, which have no event beside them. */
  async openOrigins(uses: readonly SealedOrigin[]): Promise<readonly Origin[]> {
    const parts = uses.map((use) =>
      locked(use, ({ role }) => (role === 'd' ? null : ownerOfSubject(use.sub))),
    )
    const keys = await this.#keys.find(parts.flat().map(({ owner }) => owner))
    return parts.map((ofUse) => {
      const [fields = {}] = opened(ofUse, keys)
      return { address: fields['a'] ?? null, agent: fields['g'] ?? null }
    })
  }
}
