import { InvalidArgumentError } from 'commander'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { isoInstant, isoInstantExample } from '../../../shared/kernel/iso-instant.ts'

/** Of an option that takes an instant. */
export const instantOf = (text: string): EpochMs => {
  const at = isoInstant(text)
  if (at !== null) return at
  throw new InvalidArgumentError(`it is ${isoInstantExample}.`)
}
