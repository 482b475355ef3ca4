import type { EpochMs } from '../../kernel/ids.ts'

const minuteMs = 60_000
const first = 1
const last = 2 ** 32 - 1

/**
 * The minute of an instant since 1970, in 32 bits: what lies outside of them (before 1970, after
 * the year 10000) counts as the first or last one. 0 is no minute.
 */
export const minutesSinceEpoch = (at: EpochMs): number =>
  Math.min(Math.max(Math.floor(at / minuteMs), first), last)
