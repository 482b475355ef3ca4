import { systemClock } from '../../shared/kernel/clock.ts'

const windowMs = 300
/** A tenth of one processor; `curfew start` takes a fiftieth with nothing to do. */
const idleMsMax = 30
/** A server that never comes to rest is measured as it is. */
const patienceMs = 120_000

/**
 * Waits until a server does nothing any more: what it put off while it was busy is its own work,
 * and must not fall into the round of another. `cpuMs` is what it has used so far.
 */
export const untilIdle = async (cpuMs: () => number): Promise<void> => {
  const beganMs = systemClock.monotonicMs()
  for (let before = cpuMs(); systemClock.monotonicMs() - beganMs < patienceMs; ) {
    await systemClock.sleep(windowMs)
    const now = cpuMs()
    if (now - before <= idleMsMax) return
    before = now
  }
}
