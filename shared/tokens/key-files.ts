import { createHash, type KeyObject } from 'node:crypto'
import { type FileHandle, link, mkdir, open, rename, stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { MacRing } from '../events/mac.ts'
import type { Entropy } from '../kernel/entropy.ts'
import { errorCode } from '../kernel/error-code.ts'
import { AuthError, isAuthError } from '../kernel/errors.ts'
import type { Algorithm } from './algorithms.ts'
import { parseRing, serializeRing } from './key-ring-json.ts'
import {
  type AccessKeyRing,
  createRing,
  type KeyRing,
  macRingOf,
  type RefreshKeyRing,
  type RingKind,
} from './keys.ts'
import { LiveRing } from './live-ring.ts'
import { openSetKeys, type SetKeys } from './set-keys.ts'

/** The file of each ring, within the key directory. */
export const keyFileNames = {
  access: 'signing.json',
  refresh: 'refresh.json',
  mac: 'log-mac.json',
  address: 'address.json',
  set: 'set.json',
} as const satisfies Record<RingKind, string>

export type KeyFiles = Readonly<{
  access: AccessKeyRing
  refresh: RefreshKeyRing
  mac: MacRing
  /** Addresses are stored and compared only as HMACs under this key; it does not rotate. */
  addressKey: KeyObject
  /** What signs for receivers; made when the first one registers. */
  sets: SetKeys
  /** Names the four other rings together: gateways of one fleet agree on it through the store. */
  ringId: string
  /**
   * Reads the signing, refresh and set rings anew, as after `curfew keys rotate`. A file that is
   * damaged, gone or another fleet's leaves that ring as it was. @throws AuthError KEYS_INVALID
   */
  reload(): Promise<void>
}>
export type KeyFilesOptions = Readonly<{
  dir: string
  entropy: Entropy
  /** Of the signing keys made here, ES256 without it; files that exist keep theirs. */
  alg?: Algorithm | null
}>

const bytesMax = 64 * 1024

const refuse = (path: string, problem: string, fix: string, cause?: unknown): never => {
  throw new AuthError('KEYS_INVALID', `${path} ${problem}. ${fix}`, { cause })
}

const syncDirectory = async (dir: string): Promise<void> => {
  const handle = await open(dir, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/**
 * Writes beside `path`, and lets `place` put it there: nobody ever reads half a file, even after a
 * power cut.
 */
const writeBeside = async (
  path: string,
  text: string,
  entropy: Entropy,
  place: (temporary: string) => Promise<void>,
): Promise<void> => {
  const temporary = `${path}.${entropy.bytes(8).toString('hex')}.tmp`
  const handle = await open(temporary, 'wx', 0o600)
  try {
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await place(temporary)
  } finally {
    // After a rename there is none; otherwise a stray file is all that is left.
    await unlink(temporary).catch(() => {})
  }
  await syncDirectory(dirname(path))
}

// `link` fails where a file is, and rename would replace it: of two processes that start at once,
// the first one's keys stand, and the other reads them.
const createIfAbsent = (path: string, text: string, entropy: Entropy): Promise<void> =>
  writeBeside(path, text, entropy, async (temporary) => {
    await link(temporary, path).catch((error: unknown) => {
      if (errorCode(error) !== 'EEXIST') throw error
    })
  })

const readPrivate = async (path: string, handle: FileHandle): Promise<string> => {
  const { mode, size } = await handle.stat()
  if ((mode & 0o077) !== 0) refuse(path, 'is open to other users', `Run: chmod 600 ${path}`)
  if (size > bytesMax) refuse(path, 'is larger than 64 KiB', 'It is no key file.')
  return await handle.readFile('utf8')
}

/**
 * The file's ring, or `null` when there is no file. @throws AuthError KEYS_INVALID with the fix.
 */
const readRing = async <Kind extends RingKind>(
  kind: Kind,
  path: string,
): Promise<KeyRing<Kind> | null> => {
  const handle = await open(path, 'r').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return null
    return refuse(
      path,
      `cannot be read (${errorCode(error)})`,
      'Make it readable for this user.',
      error,
    )
  })
  if (handle === null) return null
  try {
    return parseRing(kind, await readPrivate(path, handle))
  } catch (error) {
    if (!isAuthError(error, 'KEYS_INVALID') || error.message.startsWith(path)) throw error
    return refuse(
      path,
      `is damaged: ${error.message}`,
      'Restore it from a backup; without it, a new one ends every session.',
    )
  } finally {
    await handle.close()
  }
}

const openRing = async <Kind extends RingKind>(
  kind: Kind,
  { dir, entropy, alg }: Readonly<{ dir: string; entropy: Entropy; alg: Algorithm }>,
): Promise<KeyRing<Kind>> => {
  const path = join(dir, keyFileNames[kind])
  const found = await readRing(kind, path)
  if (found !== null) return found
  const made = kind === 'access' ? alg : kind === 'set' ? 'RS256' : 'HS256'
  const ring = createRing(kind, { alg: made, entropy })
  await createIfAbsent(path, serializeRing(ring), entropy)
  return (await readRing(kind, path)) ?? refuse(path, 'vanished while it was made', 'Start again.')
}

// Whoever can write to the directory can put keys of their own there.
const openDirectory = async (dir: string): Promise<void> => {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const { mode } = await stat(dir)
  if ((mode & 0o022) !== 0) refuse(dir, 'is writable by other users', `Run: chmod 700 ${dir}`)
}

/**
 * Reads a gateway's keys, and makes those that are missing (directory 0700, files 0600, fsynced).
 * Processes that start at once end up with the same keys. Cost: a few file reads; RSA keys take up
 * to a second to make.
 * @throws AuthError KEYS_INVALID when a file is open to others or damaged; the message holds the
 * fix.
 */
export const openKeyFiles = async ({ alg, ...options }: KeyFilesOptions): Promise<KeyFiles> => {
  const filled = { alg: alg ?? 'ES256', ...options }
  await openDirectory(filled.dir)
  const access = new LiveRing(await openRing('access', filled))
  const refresh = new LiveRing(await openRing('refresh', filled))
  const mac = await openRing('mac', filled)
  const address = await openRing('address', filled)
  const sets = await openSetKeys({
    read: () => readRing('set', join(filled.dir, keyFileNames.set)),
    make: () => openRing('set', filled),
  })
  const ids = [access, refresh, mac, address].map(({ ringId }) => ringId).join(':')
  return {
    access,
    refresh,
    mac: macRingOf(mac),
    addressKey: address.active.signer,
    sets,
    ringId: createHash('sha256').update(ids).digest('hex').slice(0, 32),
    reload: async () => {
      await reloadRing(filled.dir, access)
      await reloadRing(filled.dir, refresh)
      await sets.reload()
    },
  }
}

const reloadRing = async <Kind extends RingKind>(
  dir: string,
  live: LiveRing<Kind>,
): Promise<void> => {
  const ring = await loadRing(live.kind, dir)
  if (!live.replace(ring))
    refuse(join(dir, keyFileNames[live.kind]), 'is another ring', 'Put it back.')
}

/**
 * The ring of a process that only reads the log. @throws AuthError KEYS_INVALID, also when there is
 * no file.
 */
export const loadMacRing = async (path: string): Promise<MacRing> => {
  const ring = await readRing('mac', path)
  return ring === null
    ? refuse(path, 'does not exist', `Copy ${keyFileNames.mac} from the gateway's key directory.`)
    : macRingOf(ring)
}

/**
 * One ring of a key directory, for `curfew keys`. @throws AuthError KEYS_INVALID, also when there
 * is no file.
 */
export const loadRing = async <Kind extends RingKind>(
  kind: Kind,
  dir: string,
): Promise<KeyRing<Kind>> => {
  const path = join(dir, keyFileNames[kind])
  const fix = kind === 'set' ? 'Register a receiver once.' : 'Start a gateway once.'
  return (await readRing(kind, path)) ?? refuse(path, 'does not exist', fix)
}

/** Replaces a ring's file, as a rotation does. Running gateways read it within seconds. */
export const saveRing = (dir: string, ring: KeyRing, entropy: Entropy): Promise<void> => {
  const path = join(dir, keyFileNames[ring.kind])
  return writeBeside(path, serializeRing(ring), entropy, (temporary) => rename(temporary, path))
}
