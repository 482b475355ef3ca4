import type { Clock } from '../../../shared/kernel/clock.ts'
import type { Closable } from '../../../shared/kernel/lifecycle.ts'
import type { Logger } from '../../../shared/kernel/logger.ts'
import type { KeyFiles } from '../../../shared/tokens/key-rings/index.ts'
import { keySnapshot, logKeyChanges } from './key-changes.ts'

const everyMs = 5_000

type WatchDeps = Readonly<{ keys: KeyFiles; clock: Clock; logger: Logger }>

/**
 * Reads the key files again every 5 s, so that keys that `curfew keys rotate` wrote are taken. A
 * file that cannot be read is logged, and the gateway goes on with the keys that it has.
 */
export const watchKeys = ({
  keys,
  clock,
  logger,
}: WatchDeps): Closable & Readonly<{ trouble: () => Error | null }> => {
  const stop = new AbortController()
  let trouble: Error | null = null
  const run = async (): Promise<void> => {
    let before = keySnapshot(keys)
    for (;;) {
      await clock.sleep(everyMs, stop.signal)
      if (stop.signal.aborted) return
      const failure = await keys.reload().then(
        () => null,
        (error: Error) => error,
      )
      if (failure && !trouble) logger.error({ error: failure }, 'key files cannot be read anew')
      trouble = failure
      const now = keySnapshot(keys)
      logKeyChanges(logger, before, now)
      before = now
    }
  }
  const ended = run()
  return {
    trouble: () => trouble,
    close: async () => {
      stop.abort()
      await ended
    },
  }
}
