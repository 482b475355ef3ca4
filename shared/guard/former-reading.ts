import type { EpochMs } from '../kernel/ids.ts'
import type { Freshness } from './freshness.ts'
import type { RevocationSet } from './revocation-set.ts'

/**
 * What was known when a reading began anew. A feed may be another server's by then, which lags
 * behind the former one: whoever forgot at once would accept again what it had refused.
 */
export type FormerReading = Readonly<{
  /** Learns on with the new reading, so that it holds all that either of them told. */
  revocations: RevocationSet
  freshness: Freshness
  /** A closed time later than this is behind all that the former reading told. */
  lastTold: EpochMs
}>

/**
 * Whether the new reading alone holds all that the former one told, by whatever log. What was told
 * had been acknowledged before it was told, so a closed time after that instant, by any right
 * clock, is behind it. Not by the former closed time: revocations may have been told after it, and
 * one that ran ahead would never be passed.
 */
export const isPassed = ({ lastTold }: FormerReading, { closed, caughtUp }: Freshness): boolean =>
  caughtUp && closed !== null && closed > lastTold

/**
 * What both readings together can prove. The former closed time stays true of what is held, and
 * ages, until the new reading has one that is later.
 */
export const provenBy = (own: Freshness, former: FormerReading | null): Freshness => {
  if (former === null || !former.freshness.caughtUp) return own
  const { closed, blockedAt } = former.freshness
  const isLater = own.closed !== null && (closed === null || own.closed > closed)
  if (own.caughtUp && isLater) return own
  return { ...former.freshness, blockedAt: own.blockedAt ?? blockedAt }
}
