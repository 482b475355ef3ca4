import type { Clock } from '../../kernel/clock.ts'
import type { EpochMs } from '../../kernel/ids.ts'

/** By both clocks: the monotonic one stands still while the machine is suspended. */
export type Instant = Readonly<{ wallMs: EpochMs; monotonicMs: number }>
export const instantOf = (clock: Clock): Instant => ({
  wallMs: clock.now(),
  monotonicMs: clock.monotonicMs(),
})
export const ageMs = (since: Instant, clock: Clock): number =>
  Math.max(clock.monotonicMs() - since.monotonicMs, clock.now() - since.wallMs)
