import type { RawRecord } from './log-record.ts'
import { type MacRing, macHeader } from './record-mac.ts'

/** A CloudEvents extension attribute: the MAC covers it, and readers that do not know it pass. */
export const fleetHeader = 'ce_fleet'

const fleetPattern = /^[0-9a-f]{16}$/
/** An RFC 7638 thumbprint, as every key of a ring has it. */
const kidPattern = /^[A-Za-z0-9_-]{43}$/

/** The fleet that a record names, when it is not `ours`. */
export const otherFleetIn = (
  { headers }: Pick<RawRecord, 'headers'>,
  ours: string | undefined,
): string | null => {
  const fleet = headers[fleetHeader]
  return ours !== undefined && fleet !== undefined && fleet !== ours ? fleet : null
}

/**
 * Whose record it is, when it is another fleet's; `null` when it is ours, or nobody's. Versions
 * before fleets had ids are told by the key that they sign with. It says what a record claims: who
 * needs proof looks at the MAC first.
 */
export const otherFleetOf = (
  ring: MacRing,
  { headers }: Pick<RawRecord, 'headers'>,
): string | null => {
  const fleet = headers[fleetHeader]
  if (fleet !== undefined) return fleetPattern.test(fleet) && fleet !== ring.fleet ? fleet : null
  const [kid = ''] = (headers[macHeader] ?? '').split('.')
  return kidPattern.test(kid) && !ring.keys.has(kid) ? `with the key ${kid}` : null
}
