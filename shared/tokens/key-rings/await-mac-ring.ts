import { access } from 'node:fs/promises'
import type { MacRing } from '../../events/record-mac.ts'
import type { Clock } from '../../kernel/clock.ts'
import { errorCode } from '../../kernel/error-code.ts'
import type { Logger } from '../../kernel/logger.ts'
import type { GroupAccess } from '../secret-files/index.ts'
import {
  type FollowedMacRing,
  type FollowOptions,
  followEventsRing,
  followMacRing,
} from './follow-mac-ring.ts'

const pauseMs = 250

/** Also when it cannot be looked at: reading it says why. */
const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    (error: unknown) => errorCode(error) !== 'ENOENT',
  )

type Waiting = Readonly<{ clock: Clock; logger: Logger; groupAccess: GroupAccess }>

const following = ({ clock, logger, groupAccess }: Waiting): FollowOptions => ({
  ...{ clock, groupAccess },
  onTrouble: (error) => logger.error({ error }, 'a key file cannot be read anew'),
})

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
 * The MAC ring of a process that may start before the gateway made it, as `followMacRing`; `null`
 * when `stop` aborts first.
 * @throws AuthError KEYS_INVALID when the file is there and unusable.
 */
export const awaitMacRing = async (
  path: string,
  waiting: Waiting,
  stop: AbortSignal,
): Promise<FollowedMacRing | null> =>
  (await awaitFile(path, waiting, stop)) ? followMacRing(path, following(waiting)) : null

/** The same for the ring of `auth.events`; `of` is the other one, which names the fleet. */
export const awaitEventsRing = async (
  path: string,
  of: MacRing,
  waiting: Waiting,
  stop: AbortSignal,
): Promise<FollowedMacRing | null> =>
  (await awaitFile(path, waiting, stop)) ? followEventsRing(path, of, following(waiting)) : null
