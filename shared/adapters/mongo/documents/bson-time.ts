import type { EpochMs } from '../../../kernel/ids.ts'

// ECMA-262, 21.4.1.1: a later instant is an invalid Date, which the driver would store as 1970.
const lastInstantMs = 8_640_000_000_000_000

/**
 * As a BSON Date, which people can read and a TTL index takes. An instant past the year 275760
 * becomes that year.
 */
export const dateOf = (at: EpochMs): Date => new Date(Math.min(at, lastInstantMs))
export const epochOf = (date: Date): EpochMs => date.getTime() as EpochMs
