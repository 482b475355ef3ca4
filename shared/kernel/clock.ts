import { performance } from 'node:perf_hooks'
import type { EpochMs } from './ids.ts'

/** The one place that reads the time and that waits. Tests and the simulator pass their own. */
export interface Clock {
  /** Wall time of this host. Decisions use the store's clock instead (`FollowedClock`). */
  now(): EpochMs
  /** Milliseconds of a clock that never jumps; for durations only. */
  monotonicMs(): number
  /** Resolves after `ms`, or at once when `signal` aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => Date.now() as EpochMs,
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const done = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      signal?.addEventListener('abort', done, { once: true })
    }),
}
