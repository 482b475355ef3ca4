import type { Clock } from '../../../../shared/kernel/clock.ts'

/**
 * Resolves when `wait` does, after `ms`, or when `signal` aborts; then the signal that `wait` got
 * is aborted too.
 */
export const waitWithin = async (
  clock: Clock,
  ms: number,
  wait: (over: AbortSignal) => Promise<unknown>,
  signal?: AbortSignal,
): Promise<void> => {
  const over = new AbortController()
  const end = (): void => over.abort()
  signal?.addEventListener('abort', end, { once: true })
  if (signal?.aborted) end()
  try {
    await Promise.race([wait(over.signal), clock.sleep(ms, over.signal)])
  } finally {
    end()
    signal?.removeEventListener('abort', end)
  }
}
