import type { MacRing } from '../../events/record-mac.ts'
import type { GroupAccess } from '../secret-files/index.ts'
import { keyFileNames } from './key-file-names.ts'
import { type KeyRing, macRingOf } from './key-ring.ts'
import { readRing, refuse } from './read-ring.ts'

type Access = Readonly<{ groupAccess?: GroupAccess }>

const load = async <Kind extends 'mac' | 'events'>(
  kind: Kind,
  path: string,
  { groupAccess = 'none' }: Access,
): Promise<KeyRing<Kind>> =>
  (await readRing(kind, path, groupAccess)) ??
  refuse(path, 'does not exist', `Copy ${keyFileNames[kind]} from the gateway's key directory.`)

/**
 * The ring of a process that reads `auth.revocations`. @throws AuthError KEYS_INVALID, also when
 * there is no file.
 */
export const loadMacRing = async (path: string, access: Access = {}): Promise<MacRing> =>
  macRingOf(await load('mac', path, access))

/** The same for a process that reads `auth.events`, whose fleet the other ring names. */
export const loadEventsRing = async (
  path: string,
  fleet: string | undefined,
  access: Access = {},
): Promise<MacRing> => macRingOf(await load('events', path, access), fleet)
