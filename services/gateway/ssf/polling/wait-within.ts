import type { Clock } from '../../../../shared/kernel/clock.ts'

/**
 * Resolves when `wait` does, after `ms`, or when `signal` aborts; then the signal that `wait` got
 * is aborted too.
 */
export const waitWithin = async (
  clock: Clock,
  ms: number,
  wait: (signal: AbortSignal) => Promise<unknown>,
  signal?: AbortSignal,
): Promise<void> => {
  const aborting = new AbortController()
  const abort = (): void => aborting.abort()
  signal?.addEventListener('abort', abort, { once: true })
  if (signal?.aborted) abort()
  try {
    await Promise.race([wait(aborting.signal), clock.sleep(ms, aborting.signal)])
  } finally {
    abort()
    signal?.removeEventListener('abort', abort)
  }
}
