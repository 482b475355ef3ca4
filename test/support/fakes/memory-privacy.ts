import { createSecretKey } from 'node:crypto'
import { openMemoryPersonalKeys } from '../../../shared/adapters/memory/personal-keys.ts'
import { systemClock } from '../../../shared/kernel/clock.ts'
import { systemEntropy } from '../../../shared/kernel/entropy.ts'
import { openPrivacy, type Privacy } from '../../../shared/privacy/index.ts'

/** What seals and opens, under keys of its own. */
export const memoryPrivacy = (keys = openMemoryPersonalKeys()): Privacy => {
  const secret = () => createSecretKey(systemEntropy.bytes(32))
  const ring = { active: 'k', keys: new Map([['k', secret()]]) }
  const shared = { clock: systemClock, entropy: systemEntropy }
  return openPrivacy({ keys, ring, addressKey: secret(), ...shared })
}
