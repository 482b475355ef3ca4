import { createHash, type KeyObject } from 'node:crypto'
import { join } from 'node:path'
import type { MacRing } from '../../events/record-mac.ts'
import type { Entropy } from '../../kernel/entropy.ts'
import type { Algorithm } from '../keys/index.ts'
import {
  type GroupAccess,
  openPrivateFolder,
  readOrMake,
  replacePrivate,
} from '../secret-files/index.ts'
import { fleetIdOf } from './fleet-id.ts'
import {
  type AccessKeyRing,
  createRing,
  type KeyRing,
  macRingOf,
  type RefreshKeyRing,
  type RingKind,
} from './key-ring.ts'
import { serializeRing } from './key-ring-json.ts'
import { readRing, refuse, ringBytesMax } from './read-ring.ts'
import { ReloadableRing } from './reloadable-ring.ts'
import { openSecurityEventKeys, type SecurityEventKeys } from './security-event-keys.ts'

/** The file of each ring, within the key directory. */
export const keyFileNames = {
  access: 'signing.json',
  refresh: 'refresh.json',
  mac: 'log-mac.json',
  events: 'events-mac.json',
  address: 'address.json',
  personal: 'personal.json',
  set: 'set.json',
} as const satisfies Record<RingKind, string>

export type KeyFiles = Readonly<{
  /** The folder that they lie in. */
  dir: string
  access: AccessKeyRing
  refresh: RefreshKeyRing
  /** Signs `auth.revocations`. */
  mac: MacRing
  /** Signs `auth.events`. */
  events: MacRing
  /** The keys of these two, with what each is for. */
  logRings: Readonly<{ mac: KeyRing<'mac'>; events: KeyRing<'events'> }>
  /** Wraps the keys that seal what events say of persons. */
  personal: KeyRing<'personal'>
  /** Addresses are stored and compared only as HMACs under this key; it does not rotate. */
  addressKey: KeyObject
  /** What signs for receivers; made when the first one registers. */
  sets: SecurityEventKeys
  /**
   * Names the rings of tokens, revocations and addresses together: gateways of one fleet agree on
   * it through the store.
   */
  ringId: string
  /**
   * Reads every ring but that of addresses anew, as after `curfew keys rotate`. A file that is
   * damaged, gone or another fleet's leaves that ring as it was, and the others are read.
   * @throws AuthError KEYS_INVALID
   */
  reload(): Promise<void>
}>
type KeyFilesOptions = Readonly<{
  dir: string
  entropy: Entropy
  /**
   * The algorithm of signing keys that are made here, ES256 by default; files that exist keep
   * theirs.
   */
  alg?: Algorithm | null
  /** What the group of a file or of the folder may do; nothing without it. */
  groupAccess?: GroupAccess
}>

type Folder = Readonly<{
  dir: string
  entropy: Entropy
  alg: Algorithm
  groupAccess: GroupAccess
}>

const openRing = <Kind extends RingKind>(
  kind: Kind,
  { dir, entropy, alg, groupAccess }: Folder,
): Promise<KeyRing<Kind>> => {
  const path = join(dir, keyFileNames[kind])
  const made = kind === 'access' ? alg : kind === 'set' ? 'RS256' : 'HS256'
  return readOrMake(
    { path, entropy, groupAccess },
    () => readRing(kind, path, groupAccess),
    () => serializeRing(createRing(kind, { alg: made, entropy })),
  )
}

/**
 * Reads a gateway's keys, and makes those that are missing (directory 0700, files 0600, fsynced).
 * Processes that start at once end up with the same keys. Cost: a few file reads; RSA keys take up
 * to a second to make.
 * @throws AuthError KEYS_INVALID when a file is open to others or damaged, KEYS_READ_ONLY when one
 * is missing that cannot be made; the message holds the fix.
 */
export const openKeyFiles = async ({
  alg,
  groupAccess = 'none',
  ...options
}: KeyFilesOptions): Promise<KeyFiles> => {
  const filled: Folder = { alg: alg ?? 'ES256', groupAccess, ...options }
  await openPrivateFolder(filled.dir, groupAccess)
  const access = new ReloadableRing(await openRing('access', filled))
  const refresh = new ReloadableRing(await openRing('refresh', filled))
  const mac = new ReloadableRing(await openRing('mac', filled))
  const events = new ReloadableRing(await openRing('events', filled))
  const address = await openRing('address', filled)
  const personal = new ReloadableRing(await openRing('personal', filled))
  const sets = await openSecurityEventKeys({
    read: () => readRing('set', join(filled.dir, keyFileNames.set), groupAccess),
    make: () => openRing('set', filled),
  })
  const ids = [access, refresh, mac, address].map(({ ringId }) => ringId).join(':')
  return {
    dir: filled.dir,
    access,
    refresh,
    mac: macRingOf(mac),
    events: macRingOf(events, fleetIdOf(mac.ringId)),
    logRings: { mac, events },
    personal,
    addressKey: address.active.signer,
    sets,
    ringId: createHash('sha256').update(ids).digest('hex').slice(0, 32),
    reload: async () => {
      const rings = [access, refresh, mac, events, personal].map(
        (ring) => () => reloadRing(filled, ring),
      )
      let failure: unknown = null
      for (const reload of [...rings, sets.reload]) {
        await reload().catch((error: unknown) => {
          failure ??= error
        })
      }
      if (failure !== null) throw failure
    },
  }
}

const reloadRing = async <Kind extends RingKind>(
  { dir, groupAccess }: Folder,
  live: ReloadableRing<Kind>,
): Promise<void> => {
  const ring = await loadRing(live.kind, dir, groupAccess)
  if (!live.replace(ring))
    refuse(join(dir, keyFileNames[live.kind]), 'is another ring', 'Put it back.')
}

/**
 * One ring of a key directory, for `curfew keys`. @throws AuthError KEYS_INVALID, also when there
 * is no file.
 */
export const loadRing = async <Kind extends RingKind>(
  kind: Kind,
  dir: string,
  groupAccess: GroupAccess = 'none',
): Promise<KeyRing<Kind>> => {
  const path = join(dir, keyFileNames[kind])
  const fix = kind === 'set' ? 'Register a receiver once.' : 'Start a gateway once.'
  return (await readRing(kind, path, groupAccess)) ?? refuse(path, 'does not exist', fix)
}

/**
 * As `loadRing`, for a command before the first start: made where it is missing, and so is the
 * folder. @throws AuthError KEYS_INVALID, KEYS_READ_ONLY
 */
export const openPersonalRing = async ({
  dir,
  entropy,
  groupAccess = 'none',
}: Omit<KeyFilesOptions, 'alg'>): Promise<
  Readonly<{ personal: KeyRing<'personal'>; addressKey: KeyObject }>
> => {
  const filled: Folder = { dir, entropy, groupAccess, alg: 'HS256' }
  await openPrivateFolder(dir, groupAccess)
  const address = await openRing('address', filled)
  return { personal: await openRing('personal', filled), addressKey: address.active.signer }
}

/** Replaces a ring's file, as a rotation does. Running gateways read it within seconds. */
export const saveRing = async (
  dir: string,
  ring: KeyRing,
  entropy: Entropy,
  groupAccess: GroupAccess = 'none',
): Promise<void> => {
  const path = join(dir, keyFileNames[ring.kind])
  const text = serializeRing(ring)
  // Readers would refuse the file, and no command could mend it then.
  if (Buffer.byteLength(text) > ringBytesMax) {
    const fix = 'Nothing was changed. Remove its oldest retired keys, and keep their records aside.'
    refuse(path, 'would be larger than 1 MiB', fix)
  }
  await replacePrivate({ path, text, entropy, groupAccess })
}
