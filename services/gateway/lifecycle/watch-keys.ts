import type { Clock } from '../../../shared/kernel/clock.ts'
import type { Closable } from '../../../shared/kernel/lifecycle.ts'
import type { Logger } from '../../../shared/kernel/logger.ts'
import type { KeyFiles } from '../../../shared/tokens/key-rings/index.ts'
import { keysIn, tellKeyChanges } from './key-changes.ts'

const everyMs = 5_000

type Watched = Readonly<{ keys: KeyFiles; clock: Clock; logger: Logger }>

/**
 * Takes rotated keys from the files within 5 s, as `curfew keys rotate` leaves them. A file that
 * cannot be used changes nothing: the gateway goes on with the keys that it has, and says so.
 */
export const watchKeys = ({
  keys,
  clock,
  logger,
}: Watched): Closable & Readonly<{ trouble: () => Error | null }> => {
  const stop = new AbortController()
  let trouble: Error | null = null
  const run = async (): Promise<void> => {
    let seen = keysIn(keys)
    for (;;) {
      await clock.sleep(everyMs, stop.signal)
      if (stop.signal.aborted) return
      const failure = await keys.reload().then(
        () => null,
        (error: Error) => error,
      )
      if (failure && !trouble) logger.error({ error: failure }, 'key files cannot be read anew')
      trouble = failure
      const now = keysIn(keys)
      tellKeyChanges(logger, seen, now)
      seen = now
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
