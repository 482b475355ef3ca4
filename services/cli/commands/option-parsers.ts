import { InvalidArgumentError } from 'commander'
import { type SearchTermName, searchTerms } from '../../../shared/events/search-terms.ts'
import { systemClock } from '../../../shared/kernel/clock.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { isoInstant, isoInstantExample } from '../../../shared/kernel/iso-instant.ts'

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** An instant or a day, or how long ago. */
export const instantOf = (text: string): EpochMs => {
  const ago = /^(\d{1,6})([smhd])$/.exec(text)
  const at = ago
    ? systemClock.now() - Number(ago[1]) * (units[ago[2] ?? ''] ?? 0)
    : isoInstant(text)
  if (at !== null && at >= 0) return at as EpochMs
  throw new InvalidArgumentError(`it is ${isoInstantExample}, or how long ago: 2h, 30m, 7d.`)
}

export const countOf = (text: string): number => {
  const count = /^\d{1,9}$/.test(text) ? Number(text) : 0
  if (count > 0) return count
  throw new InvalidArgumentError('it is a whole number from 1 to 999999999.')
}

/** What events are searched for, in the spelling that they have. */
export const termOf =
  (name: SearchTermName) =>
  (text: string): string => {
    const { form, read } = searchTerms[name]
    const term = read(text)
    if (term !== null) return term
    throw new InvalidArgumentError(`it is ${form}.`)
  }

/** @throws AuthError INPUT_INVALID when no instant is from the one on and before the other */
export const requireTime = (since: EpochMs | null = null, until: EpochMs | null = null): void => {
  if (since === null || until === null || since < until) return
  throw new AuthError('INPUT_INVALID', '--until is not after --since')
}

/** Parses the value of an option that takes an instant. */
export const isoInstantOf = (text: string): EpochMs => {
  const at = isoInstant(text)
  if (at !== null) return at
  throw new InvalidArgumentError(`it is ${isoInstantExample}.`)
}
