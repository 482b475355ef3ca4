import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdir, open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Entropy } from '../../shared/kernel/entropy.ts'
import { errorCode } from '../../shared/kernel/error-code.ts'
import { AuthError } from '../../shared/kernel/errors.ts'
import { isPlainObject, parseStrictJson } from '../../shared/kernel/strict-json.ts'
import { publicBytesOf } from '../../shared/tlog/note-key.ts'
import {
  checkFolder,
  checkPrivate,
  createPrivate,
  type GroupAccess,
  refuseUnreadable,
  writing,
} from '../../shared/tokens/secret-files/index.ts'

const fileName = 'witness.json'
const bytesMax = 16 * 1024

export type WitnessKeyFolder = Readonly<{
  dir: string
  entropy: Entropy
  groupAccess: GroupAccess
}>

const keyIn = (path: string, text: string): KeyObject => {
  const read = parseStrictJson(text, { depthMax: 4 })
  const stored = read.ok && isPlainObject(read.value) ? read.value : {}
  try {
    const { version, ...jwk } = stored
    if (version !== 1) throw new Error('another version')
    const key = createPrivateKey({ format: 'jwk', key: jwk })
    publicBytesOf(key)
    return key
  } catch {
    // What was thrown may quote the key.
    const text = `${path} is damaged: it holds no key of Ed25519. Restore it from a backup`
    throw new AuthError('KEYS_INVALID', text)
  }
}

const read = async (path: string, groupAccess: GroupAccess): Promise<KeyObject | null> => {
  const handle = await open(path, 'r').catch((error: unknown) =>
    errorCode(error) === 'ENOENT' ? null : refuseUnreadable(path, error),
  )
  if (handle === null) return null
  try {
    const found = await handle.stat()
    checkPrivate(path, found, groupAccess)
    if (found.size > bytesMax) throw new AuthError('KEYS_INVALID', `${path} is no key file`)
    return keyIn(path, await handle.readFile('utf8'))
  } finally {
    await handle.close()
  }
}

/**
 * The key that a witness cosigns with, in `witness.json`; made when there is none. Witnesses that
 * start at once on one folder end up with the same one.
 * @throws AuthError KEYS_INVALID, KEYS_READ_ONLY
 */
export const openWitnessKey = async (folder: WitnessKeyFolder): Promise<KeyObject> => {
  const { dir, entropy, groupAccess } = folder
  await writing(dir, () => mkdir(dir, { recursive: true, mode: 0o700 }))
  await checkFolder(dir, await stat(dir), groupAccess)
  const path = join(dir, fileName)
  const found = await read(path, groupAccess)
  if (found) return found
  const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  const text = `${JSON.stringify({ version: 1, ...jwk }, null, 2)}\n`
  await createPrivate({ path, text, entropy, groupAccess })
  return (await read(path, groupAccess)) ?? refuseUnreadable(path, null)
}
