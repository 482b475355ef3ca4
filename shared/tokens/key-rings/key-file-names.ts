import type { RingKind } from './key-ring.ts'

/** The file of each ring, within the key directory. */
export const keyFileNames = {
  access: 'signing.json',
  refresh: 'refresh.json',
  mac: 'log-mac.json',
  events: 'events-mac.json',
  address: 'address.json',
  personal: 'personal.json',
  set: 'set.json',
} as const satisfies Record<RingKind, string>
