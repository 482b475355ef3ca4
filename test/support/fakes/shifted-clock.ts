import { type Clock, systemClock } from '../../../shared/kernel/clock.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'

/** The wall clock of a host that is ahead by `ms`; what runs there waits as long as others do. */
export const shiftedClock = (ms: number): Clock => ({
  ...systemClock,
  now: () => (systemClock.now() + ms) as EpochMs,
})
