import type { Clock } from './clock.ts'
import { within } from './concurrency/within.ts'
import { type Entropy, fraction } from './entropy.ts'
import { AuthError } from './errors.ts'

export type RetryOptions = Readonly<{
  clock: Clock
  entropy: Entropy
  /** No further try begins this long after the first. */
  deadlineMs: number
  /** No more calls than this; unbounded without it. */
  triesMax?: number
  firstWaitMs?: number
  waitMsMax?: number
  signal?: AbortSignal
}>

/**
 * Calls `attempt` until it succeeds, fails for good, or the deadline passes; full jitter between
 * tries.
 */
export const retry = async <T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> => {
  const { clock, entropy, deadlineMs, signal } = options
  const { triesMax = Number.POSITIVE_INFINITY, firstWaitMs = 5, waitMsMax = 250 } = options
  const startedAt = clock.monotonicMs()
  let tries = 0
  for (let wait = firstWaitMs; ; wait = Math.min(wait * 2, waitMsMax)) {
    tries += 1
    try {
      return await attempt()
    } catch (error) {
      const retriable = error instanceof AuthError && error.retriable
      if (!retriable || signal?.aborted || tries >= triesMax) throw error
      if (clock.monotonicMs() - startedAt + wait > deadlineMs) throw error
      await clock.sleep(1 + wait * fraction(entropy), signal)
    }
  }
}

/**
 * Rejects with `otherwise()` when `work` takes longer; the work itself goes on, its late failure is
 * swallowed.
 */
export const withTimeout = async <T>(
  clock: Clock,
  ms: number,
  work: Promise<T>,
  otherwise: () => Error,
): Promise<T> => {
  work.catch(() => {})
  const done = await within(
    clock,
    ms,
    work.then((value) => ({ value })),
  )
  if (done === undefined) throw otherwise()
  return done.value
}
