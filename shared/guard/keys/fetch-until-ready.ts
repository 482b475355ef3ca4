import type { Clock } from '../../kernel/clock.ts'
import type { KeySource } from './key-source.ts'

const keysRetryMs = 1_000

/**
 * Asks for keys every second until there are some. A guard without keys is not ready, so nobody
 * calls it, so no token would ever make it ask.
 */
export const fetchUntilReady = async (
  keys: KeySource,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> => {
  while (!keys.ready() && !signal.aborted) {
    await clock.sleep(keysRetryMs, signal)
    await keys.refresh()
  }
}
