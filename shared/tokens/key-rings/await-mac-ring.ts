import { access } from 'node:fs/promises'
import type { MacRing } from '../../events/record-mac.ts'
import type { Clock } from '../../kernel/clock.ts'
import { errorCode } from '../../kernel/error-code.ts'
import type { Logger } from '../../kernel/logger.ts'
import type { GroupAccess } from '../secret-files/index.ts'
import { loadEventsRing, loadMacRing } from './mac-ring-files.ts'

const pauseMs = 250

/** Also when it cannot be looked at: reading it says why. */
const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    (error: unknown) => errorCode(error) !== 'ENOENT',
  )

type Waiting = Readonly<{ clock: Clock; logger: Logger; groupAccess: GroupAccess }>

const awaitFile = async (
  path: string,
  { clock, logger }: Waiting,
  stop: AbortSignal,
): Promise<boolean> => {
  for (let tries = 0; !(await isThere(path)); tries += 1) {
    if (stop.aborted) return false
    if (tries === 0)
      logger.warn({ path }, 'waiting for this file: a gateway makes it when it starts')
    await clock.sleep(pauseMs, stop)
  }
  return true
}

/**
 * The MAC ring of a process that may start before the gateway made it; `null` when `stop` aborts
 * first.
 * @throws AuthError KEYS_INVALID when the file is there and unusable.
 */
export const awaitMacRing = async (
  path: string,
  waiting: Waiting,
  stop: AbortSignal,
): Promise<MacRing | null> =>
  (await awaitFile(path, waiting, stop)) ? loadMacRing(path, waiting) : null

/** The same for the ring of `auth.events`; `fleet` is named by the other ring. */
export const awaitEventsRing = async (
  path: string,
  fleet: string | undefined,
  waiting: Waiting,
  stop: AbortSignal,
): Promise<MacRing | null> =>
  (await awaitFile(path, waiting, stop)) ? loadEventsRing(path, fleet, waiting) : null
