import type { Clock } from '../../../shared/kernel/clock.ts'
import type { Closable } from '../../../shared/kernel/lifecycle.ts'
import type { Logger } from '../../../shared/kernel/logger.ts'
import type { KeyFiles } from '../../../shared/tokens/key-rings/index.ts'
import { type KeyChange, keyChanges, keySnapshot } from './key-changes.ts'

const everyMs = 5_000

type WatchDeps = Readonly<{ keys: KeyFiles; clock: Clock; logger: Logger }>

export type KeyWatch = Closable &
  Readonly<{
    trouble: () => Error | null
    /** From now on `listener` hears of each change, beside the log. */
    onChange: (listener: (change: KeyChange) => void) => void
  }>

/**
 * Reads the key files again every 5 s, so that keys that `curfew keys rotate` wrote are taken. A
 * file that cannot be read is logged, and the gateway goes on with the keys that it has.
 */
export const watchKeys = ({ keys, clock, logger }: WatchDeps): KeyWatch => {
  const stop = new AbortController()
  const listeners: ((change: KeyChange) => void)[] = []
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
      for (const change of keyChanges(before, now)) {
        logger.info(change.fields, change.message)
        for (const listener of listeners) listener(change)
      }
      before = now
    }
  }
  const ended = run()
  return {
    trouble: () => trouble,
    onChange: (listener) => void listeners.push(listener),
    close: async () => {
      stop.abort()
      await ended
    },
  }
}
