import type { MacRing } from '../../events/record-mac.ts'
import { type Clock, systemClock } from '../../kernel/clock.ts'
import type { Closable } from '../../kernel/lifecycle.ts'
import type { GroupAccess } from '../secret-files/index.ts'
import { type KeyRing, macRingOf } from './key-ring.ts'
import { readRing, refuse } from './read-ring.ts'
import { ReloadableRing } from './reloadable-ring.ts'

/** A ring of the log from a file. @throws AuthError KEYS_INVALID, also when there is no file. */
const loadLogRing = async <Kind extends 'mac' | 'events'>(
  kind: Kind,
  path: string,
  groupAccess: GroupAccess = 'none',
): Promise<KeyRing<Kind>> =>
  (await readRing(kind, path, groupAccess)) ??
  refuse(path, 'does not exist', "Copy it from the gateway's key directory.")

type Access = Readonly<{ groupAccess?: GroupAccess }>

/**
 * The ring of a process that reads `auth.revocations`, as its file is now: `followMacRing` takes
 * what a rotation writes later. @throws AuthError KEYS_INVALID, also when there is no file.
 */
export const loadMacRing = async (path: string, access: Access = {}): Promise<MacRing> =>
  macRingOf(await loadLogRing('mac', path, access.groupAccess))

/** The same for `auth.events`, whose fleet the other ring names. */
export const loadEventsRing = async (
  path: string,
  fleet: string | undefined,
  access: Access = {},
): Promise<MacRing> => macRingOf(await loadLogRing('events', path, access.groupAccess), fleet)

/** Sooner than the next key of a ring may sign, which was shown for 5 minutes by then. */
const everyMs = 5_000

/** A MAC ring whose keys are those of its file. */
export type FollowedMacRing = Closable &
  Readonly<{
    ring: MacRing
    /** Why the file cannot be read again. */
    trouble: () => Error | null
  }>

export type FollowOptions = Readonly<{
  groupAccess?: GroupAccess
  clock?: Clock
  /** Called when the file can no longer be read. */
  onTrouble?: (error: Error) => void
}>

const follow = <Kind extends 'mac' | 'events'>(
  path: string,
  first: KeyRing<Kind>,
  fleet: string | undefined,
  { groupAccess, clock = systemClock, onTrouble }: FollowOptions,
): FollowedMacRing => {
  const live = new ReloadableRing(first)
  const stop = new AbortController()
  let trouble: Error | null = null
  const run = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(everyMs, stop.signal)
      if (stop.signal.aborted) return
      try {
        const read = await loadLogRing(live.kind, path, groupAccess)
        if (!live.replace(read)) refuse(path, 'is another ring', 'Put it back.')
        trouble = null
      } catch (error) {
        if (!trouble) onTrouble?.(error as Error)
        trouble = error as Error
      }
    }
  }
  const ended = run()
  return {
    ring: macRingOf(live, fleet),
    trouble: () => trouble,
    close: () => {
      stop.abort()
      return ended
    },
  }
}

/**
 * The ring of a process that reads `auth.revocations`. Its file is read again every 5 s, so that
 * keys that `curfew keys rotate` wrote are known before one of them signs. A file that cannot be
 * used changes nothing. @throws AuthError KEYS_INVALID, also when there is no file.
 */
export const followMacRing = async (
  path: string,
  options: FollowOptions = {},
): Promise<FollowedMacRing> =>
  follow(path, await loadLogRing('mac', path, options.groupAccess), undefined, options)

/** The same for a process that reads `auth.events`, whose fleet the other ring names. */
export const followEventsRing = async (
  path: string,
  { fleet }: Pick<MacRing, 'fleet'>,
  options: FollowOptions = {},
): Promise<FollowedMacRing> =>
  follow(path, await loadLogRing('events', path, options.groupAccess), fleet, options)
