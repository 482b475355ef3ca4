import type { KeyOwner } from '../events/personal-fields.ts'
import type { EpochMs } from '../kernel/ids.ts'

/** A key that was dropped for good, because somebody is to be forgotten. */
export type Erasure = Readonly<{
  owner: KeyOwner
  at: EpochMs
  /** On whose word, as an event’s envelope spells it; `null` where it is not known. */
  by: string | null
  /** Whether something is left to be done: the account, or the event that tells of it. */
  open: boolean
}>

/**
 * The keys that seal what events say of persons. Each is wrapped: what lies here opens nothing
 * without the ring `personal.json`.
 * - `obtain` gives the key of the owner. The first caller’s `made` becomes it, and is durable
 *   before anybody gets it; all who race get the same. `null` for whoever was erased, for ever.
 * - `find` makes none. In the order of the owners; `null` where there is none, or none any more.
 * - `erase` drops the key and remembers that. The first erasure stays: `before` says that there was
 *   one. Of an owner without a key too, who then never gets one.
 * - `settle` says that nothing is left to be done for an erasure.
 * - `dropDays` deletes the keys of the days before `day` (`2026-11-30`), and says how many.
 * - Reads return what was acknowledged before they began. Not promised: that bytes that were
 *   dropped are gone from a disk at once.
 * Rejects with STORE_UNAVAILABLE.
 */
export interface PersonalKeys {
  obtain(owner: KeyOwner, made: string): Promise<string | null>
  find(owners: readonly KeyOwner[]): Promise<readonly (string | null)[]>
  erase(erasure: Erasure): Promise<'erased' | 'before'>
  erasure(owner: KeyOwner): Promise<Erasure | null>
  openErasures(limit: number): Promise<readonly Erasure[]>
  settle(owner: KeyOwner): Promise<void>
  dropDays(day: string): Promise<number>
  close(): Promise<void>
}
