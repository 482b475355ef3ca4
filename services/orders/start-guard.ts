import type { Clock, Guard } from 'curfew-guard'
import type { Logger } from '../../shared/kernel/logger.ts'
import { RepeatedTrouble } from '../../shared/kernel/logging/repeated-trouble.ts'

const pauseMs = 500

/** Starts the guard, again and again until its feed opens or `signal` aborts. */
export const startGuard = async (
  guard: Guard,
  clock: Clock,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> => {
  const troubles = new RepeatedTrouble(clock)
  while (!signal.aborted) {
    try {
      await guard.start()
      return
    } catch (error) {
      const times = troubles.occurred((error as Error).message)
      if (times !== null)
        logger.warn({ error: error as Error, times }, 'the guard waits for its feed')
      await clock.sleep(pauseMs, signal)
    }
  }
}
