import type { EpochMs } from '../../kernel/ids.ts'
import type { HeadState } from '../../trail-heads/compare-heads.ts'

/** What a guard saw of the trail when it looked last. */
export type TrailSight = Readonly<{
  /**
   * - `consistent`: the newest head goes on from all that this guard saw.
   * - `shorter`, `rewritten`, `discontinued`, `unsigned`: what was shown does not; the head is the
   *   one from before.
   * - `unreachable`: nothing was shown.
   */
  state: HeadState | 'unreachable'
  /** The newest head that goes on from all before; `null` until the first. Its root is base64. */
  head: Readonly<{ origin: string; size: number; root: string }> | null
  /** When it was shown, by this host’s clock. */
  seenAt: EpochMs | null
  /**
   * How long ago `head` became another one; `null` until the first. An auditor signs one a minute
   * at least: who is shown an old head again and again is shown a past that nobody contradicts.
   */
  ageMs: number | null
}>

/** Keeps the newest head of a trail. */
export interface TrailWitness {
  /** `null` until it looked, and where there is no trail. */
  sight(): TrailSight | null
  close(): Promise<void>
}
