import type { Topic } from '../events/log-record.ts'
import type { EpochMs, EventId, LogId, RevocationKey } from '../kernel/ids.ts'

/** One document of the collection `blacklist`: what is dead, until when it matters, and why. */
export type ViewEntry = Readonly<{
  key: RevocationKey
  /** For `sub:`, `client:` and `all`: sessions with a lower epoch are dead. */
  cutoff: number | null
  expiresAt: EpochMs
  reason: string
  revokedAt: EpochMs
  /** The event that set `reason`; decides between duplicates. */
  id: EventId
  /**
   * Where the log says so: `logId:offset`; `null` for what only `auth.events` tells (rotations).
   */
  position: string | null
}>

export type ViewClosed = Readonly<{ t: EpochMs; logId: LogId; position: string }>

/**
 * How far the view came: it holds all that the partition had from `began` to `next`. `began` is
 * absent where it is not known: before the first, or where an older version wrote the checkpoint.
 */
export type Checkpoint = Readonly<{
  topic: Topic
  partition: number
  next: number
  /** Without it, what is kept stays as it is. */
  began?: number
}>
/** The right to move a checkpoint. A later taker makes every earlier fence worthless. */
export type Fence = Readonly<{
  topic: Topic
  partition: number
  fence: number
  next: number
  began?: number
  logId: LogId | null
}>

export type ViewBatch = Readonly<{
  entries: readonly ViewEntry[]
  closed: ViewClosed | null
  checkpoint: Checkpoint
  fence: number
  logId: LogId | null
}>

/**
 * The projection of revocations that downstream services query.
 * - Entries merge: `cutoff` and `expiresAt` by maximum; `reason`, `revokedAt`, `id` from the
 *   smallest `id` among the greatest cutoff. So duplicates, redelivery and any order give the same
 *   content; nothing un- revokes.
 * - `apply` writes content first, `closed` next, the checkpoint last; a crash between repeats a
 *   batch, never skips.
 * - `apply` answers `fenced` when another reader took the fence; its content may be written, which
 *   does no harm.
 * - Not promised: that an entry is deleted at `expiresAt` (clean-up is late; readers compare).
 */
export interface BlacklistView {
  /** Takes the partition over, and says where to go on. */
  takeFence(topic: Topic, partition: number): Promise<Fence>
  /** The fence in force, without taking it: how far its holder came. `fence` 0 = never taken. */
  heldFence(topic: Topic, partition: number): Promise<Fence>
  apply(batch: ViewBatch): Promise<'applied' | 'fenced'>
  find(keys: readonly RevocationKey[]): Promise<readonly ViewEntry[]>
  closed(): Promise<ViewClosed | null>
  /**
   * SHA-256 (hex) over the content that is not expired at `at`; leaves out positions and
   * checkpoints.
   */
  contentHash(at: EpochMs): Promise<string>
  /** Entries not expired at `at`; for `doctor` and the bound on size. */
  count(at: EpochMs): Promise<number>
  /**
   * Forgets content and checkpoints of `topic`; the next fence starts at 0. For another `logId`.
   */
  forget(topic: Topic): Promise<void>
  /** Deletes what is expired at `at`, at most `limit`; a no-op where the database does it. */
  sweep(at: EpochMs, limit: number): Promise<number>
  close(): Promise<void>
}
