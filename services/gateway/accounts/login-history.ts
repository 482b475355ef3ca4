import { setInBoundedMap } from '../../../shared/kernel/bounded-map.ts'
import type { EpochMs, SubjectId } from '../../../shared/kernel/ids.ts'
import { knownAddressesMax } from './login-limits.ts'

export type LoginRecord = Readonly<{
  /** A keyed hash of the address. */
  addressId: string
  at: EpochMs
}>

/** Where users logged in from. A convenience: a login succeeds also where it cannot be written. */
export interface LoginHistory {
  /** The addresses from which the user logged in, newest last. */
  addressesOf(sub: SubjectId): Promise<readonly string[]>
  record(sub: SubjectId, login: LoginRecord): Promise<void>
}

const subjectsMax = 10_000

/**
 * The login history of users in a team's own directory, which takes no writes of Curfew's. It is in
 * the memory of this process: each gateway knows the logins through itself since its start. Beyond
 * `max` users it forgets those whose last login is the oldest.
 */
export const memoryLoginHistory = (max: number = subjectsMax): LoginHistory => {
  const known = new Map<SubjectId, readonly string[]>()
  return {
    addressesOf: async (sub) => known.get(sub) ?? [],
    record: async (sub, { addressId }) => {
      const others = (known.get(sub) ?? []).filter((known) => known !== addressId)
      setInBoundedMap(known, sub, [...others, addressId].slice(-knownAddressesMax), max)
    },
  }
}
