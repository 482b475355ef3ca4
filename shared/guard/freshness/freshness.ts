import type { ClosedTime } from '../../events/revocation-record.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { EpochMs, LogId } from '../../kernel/ids.ts'

/**
 * What a guard can prove about the freshness of what it knows (invariant I5). Pure: a value and its
 * rules.
 */
export type Freshness = Readonly<{
  /** The life of the log that the newest closed time names. */
  logId: LogId | null
  /** The newest closed time read since the log was opened. */
  closed: EpochMs | null
  /** When it arrived, by the monotonic clock. */
  arrivedAtMs: number
  /**
   * A record that may be a revocation could not be read: from here on closed times prove nothing.
   */
  blockedAt: number | null
  /** Everything that was in the log when it was opened has been read. */
  caughtUp: boolean
}>

/** As at the start: nothing is known, and the log is read from its beginning. */
export const noFreshness: Freshness = {
  logId: null,
  closed: null,
  arrivedAtMs: 0,
  blockedAt: null,
  caughtUp: false,
}

type Observed =
  | Readonly<{ change: 'advanced'; freshness: Freshness }>
  | Readonly<{ change: 'ignored' | 'other_log' }>

/**
 * Takes a closed time in. One that is not newer changes nothing, whatever log it names: a lagging
 * gateway may write it late, and a repeated one proves no contact. Once caught up, a newer one
 * under another id is `other_log`: what was read may have gaps, so the caller forgets it and reads
 * from the start. While history is read, earlier ids come by, and the newest one stands.
 */
export const observeClosedTime = (
  freshness: Freshness,
  { t, logId }: Pick<ClosedTime, 't' | 'logId'>,
  monotonicMs: number,
): Observed => {
  const { closed, blockedAt, caughtUp } = freshness
  if (blockedAt !== null || (closed !== null && t <= closed)) return { change: 'ignored' }
  const isOther = freshness.logId !== null && freshness.logId !== logId
  if (isOther && caughtUp) return { change: 'other_log' }
  return {
    change: 'advanced',
    freshness: { ...freshness, logId, closed: t, arrivedAtMs: monotonicMs },
  }
}

type ClockReading = Readonly<{ now: EpochMs; monotonicMs: number; maxClockErrorMs: number }>

/**
 * The closed time is ahead of this host's clock by more than clocks may differ: one of the two is
 * wrong.
 */
export const isAhead = (
  { closed }: Freshness,
  { now, maxClockErrorMs }: Omit<ClockReading, 'monotonicMs'>,
): boolean => closed !== null && closed > now + maxClockErrorMs

/**
 * An upper bound, in ms, on the age of what the guard knows. `Infinity` when nothing bounds it. The
 * monotonic part holds when the host's clock stands still or jumps back.
 */
export const stalenessMs = (freshness: Freshness, moment: ClockReading): number => {
  const { closed, arrivedAtMs, caughtUp } = freshness
  if (closed === null || !caughtUp || isAhead(freshness, moment)) return Number.POSITIVE_INFINITY
  const { now, monotonicMs, maxClockErrorMs } = moment
  const byWall = Math.max(now, closed) - closed + maxClockErrorMs
  return Math.max(byWall, monotonicMs - arrivedAtMs)
}

/**
 * The instant at which tokens are judged: what the store closed is past, whatever this host's clock
 * says.
 */
export const guardNow = ({ closed }: Freshness, now: EpochMs): EpochMs =>
  closed === null || now > closed ? now : closed

/** By both clocks: the monotonic one stands still while the machine is suspended. */
export type Instant = Readonly<{ wallMs: EpochMs; monotonicMs: number }>
export const instantOf = (clock: Clock): Instant => ({
  wallMs: clock.now(),
  monotonicMs: clock.monotonicMs(),
})
export const ageMs = (since: Instant, clock: Clock): number =>
  Math.max(clock.monotonicMs() - since.monotonicMs, clock.now() - since.wallMs)
