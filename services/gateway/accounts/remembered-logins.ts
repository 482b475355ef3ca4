import type { SubjectId } from '../../../shared/kernel/ids.ts'
import type { LoginHistory } from './login-history.ts'
import { knownAddressesMax } from './login-limits.ts'

const subjectsMax = 10_000

/**
 * Addresses of users whom a directory outside keeps, in this process: each gateway knows who logged
 * in through it since its start, and forgets whoever did so longest ago.
 */
export const rememberedLogins = (max: number = subjectsMax): LoginHistory => {
  const known = new Map<SubjectId, readonly string[]>()
  return {
    addressesOf: async (sub) => known.get(sub) ?? [],
    remember: async (sub, { addressId }) => {
      const others = (known.get(sub) ?? []).filter((one) => one !== addressId)
      known.delete(sub)
      known.set(sub, [...others, addressId].slice(-knownAddressesMax))
      const [oldest] = known.keys()
      if (known.size > max && oldest !== undefined) known.delete(oldest)
    },
  }
}
