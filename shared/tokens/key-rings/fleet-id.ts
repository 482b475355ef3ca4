import { createHash } from 'node:crypto'

/**
 * The public name of a fleet. It follows from the identity of the MAC ring, which every process
 * that reads the log has, also one with a read-only folder; which files of every version hold; and
 * which no rotation changes. Hashed, since records show it to whoever may read the topics.
 */
export const fleetIdOf = (macRingId: string): string =>
  createHash('sha256').update(`curfew fleet 1:${macRingId}`).digest('hex').slice(0, 16)
