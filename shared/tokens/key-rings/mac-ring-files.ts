import type { MacRing } from '../../events/record-mac.ts'
import type { GroupAccess } from '../secret-files/index.ts'
import { type KeyRing, macRingOf } from './key-ring.ts'
import { readRing, refuse } from './read-ring.ts'

/** A ring of the log from a file. @throws AuthError KEYS_INVALID, also when there is no file. */
export const loadLogRing = async <Kind extends 'mac' | 'events'>(
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
