import type { ClientId, EpochMs } from '../kernel/ids.ts'

/**
 * How many revocations a guard refused by since its start, by the seconds that they took until
 * then: `count` of a bucket is how many took at most `le`.
 */
export type RefusalCounts = Readonly<{
  buckets: readonly Readonly<{ le: number; count: number }>[]
  count: number
}>

/** What a guard saw of the trail: `TrailSight` of the guard. */
export type ReportedSight = Readonly<{
  state: 'consistent' | 'shorter' | 'rewritten' | 'discontinued' | 'unsigned' | 'unreachable'
  /** The newest head that goes on from all that it saw; its root is base64. */
  head: Readonly<{ origin: string; size: number; root: string }> | null
  /** By the guard’s clock. */
  seenAt: EpochMs | null
  /** How long ago that head became another one. */
  ageMs: number | null
}>

/** What a guard says of itself, and when the gateway heard it. */
export type GuardReport = Readonly<{
  /** Whose credentials it has: nobody overwrites another client's guards. */
  client: ClientId
  /** One process's guard; random, new with each start. */
  instance: string
  /** What people call the service. */
  name: string
  feed: string
  ready: boolean
  closedTime: EpochMs | null
  /** `null` = nothing bounds it. */
  stalenessMs: number | null
  revocations: number
  /** Absent where an older guard reports. */
  refusals?: RefusalCounts
  /** Absent where an older guard reports, and where there is no trail. */
  trail?: ReportedSight
  /** By the store's clock. */
  reportedAt: EpochMs
}>

/**
 * Which guards said of late that they are there, whichever gateway they told.
 * - `note` keeps the newest report of each client and instance, and answers `full` for one more
 *   than `max` of the same client's that reported after `since`, so that no client crowds out
 *   another; of racing new ones a few more may get in.
 * - Not promised: that a report survives a crash, or that old ones are deleted in time; `list`
 *   leaves them out. Rejects with STORE_UNAVAILABLE.
 */
export interface GuardRegistry {
  note(
    report: GuardReport,
    bound: Readonly<{ since: EpochMs; max: number }>,
  ): Promise<'noted' | 'full'>
  /** Those that reported after `since`, in order of name, client and instance. */
  list(since: EpochMs, limit: number): Promise<readonly GuardReport[]>
  /** Deletes those that reported last at `before` or earlier, at most `limit`. */
  sweep(before: EpochMs, limit: number): Promise<number>
  close(): Promise<void>
}
