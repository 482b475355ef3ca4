import type { Revocation } from '../../events/revocation-record.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { RevocationFeed } from '../../ports/revocation-feed.ts'
import type { OnAlarm } from '../api/alarm.ts'

export type FeedReaderOptions = Readonly<{
  feed: RevocationFeed
  clock: Clock
  maxClockErrorMs: number
  onAlarm: OnAlarm
  /** A revocation that says something new is in force. */
  onNewRevocation: (revocation: Pick<Revocation, 'key'>) => void
  /** Whether anybody waits for revocations that say something new. */
  isWatched: () => boolean
  /** A revocation came, and was news, this long after it was made. */
  onRefusalDelay: (ageMs: number) => void
  /** More was read than before. */
  onProgress: () => void
}>

/** `low` is `null` where a gateway of an older version does not say. */
export type Uncovered = Readonly<{ began: number; low: number | null }>
