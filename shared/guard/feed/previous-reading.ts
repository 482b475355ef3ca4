import type { EpochMs } from '../../kernel/ids.ts'
import type { Freshness } from '../freshness/index.ts'
import type { RevocationSet } from '../revocation-set/index.ts'

/**
 * What was known when the feed was reset and is read again from its start. The server that sends it
 * now may lag behind the one before: a guard that forgot at once would accept again what it had
 * refused. So it keeps what it knew until the new reading has caught up with it.
 */
export type PreviousReading = Readonly<{
  /** Gets every revocation of the new reading too, so that it holds what either of them told. */
  revocations: RevocationSet
  freshness: Freshness
  /** A closed time later than this covers all that the previous reading told. */
  receivedUntil: EpochMs
}>

/**
 * Whether the new reading alone holds all that the previous one told, whatever log each names. A
 * revocation is acknowledged before the feed tells it. So a closed time after the instant at which
 * the previous reading ended, by any right clock, covers it. The previous closed time is not used
 * for this: revocations may have been told after it, and one that ran ahead would never be reached.
 */
export const isReplaced = (
  { receivedUntil }: PreviousReading,
  { closed, caughtUp }: Freshness,
): boolean => caughtUp && closed !== null && closed > receivedUntil

/**
 * What both readings together can prove. The previous closed time stays true of what is held, and
 * ages, until the new reading has one that is later.
 */
export const combinedFreshness = (
  current: Freshness,
  previous: PreviousReading | null,
): Freshness => {
  if (previous === null || !previous.freshness.caughtUp) return current
  const { closed, blockedAt } = previous.freshness
  const isLater = current.closed !== null && (closed === null || current.closed > closed)
  if (current.caughtUp && isLater) return current
  return { ...previous.freshness, blockedAt: current.blockedAt ?? blockedAt }
}
