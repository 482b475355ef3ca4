import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { join } from 'node:path'
import type { Entropy } from '../../shared/kernel/entropy.ts'
import { AuthError } from '../../shared/kernel/errors.ts'
import { isPlainObject, parseStrictJson } from '../../shared/kernel/strict-json.ts'
import { publicBytesOf } from '../../shared/tlog/note-key.ts'
import {
  type GroupAccess,
  openPrivateFolder,
  readOrMake,
  readPrivate,
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
  const text = await readPrivate(path, bytesMax, groupAccess)
  return text === null ? null : keyIn(path, text)
}

const madeText = (): string => {
  const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  return `${JSON.stringify({ version: 1, ...jwk }, null, 2)}\n`
}

/**
 * The key that a witness cosigns with, in `witness.json`; made when there is none. Witnesses that
 * start at once on one folder end up with the same one.
 * @throws AuthError KEYS_INVALID, KEYS_READ_ONLY
 */
export const openWitnessKey = async (folder: WitnessKeyFolder): Promise<KeyObject> => {
  const { dir, entropy, groupAccess } = folder
  await openPrivateFolder(dir, groupAccess)
  const path = join(dir, fileName)
  return readOrMake({ path, entropy, groupAccess }, () => read(path, groupAccess), madeText)
}
