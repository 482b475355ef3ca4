import { join } from 'node:path'
import type { Entropy } from '../../../shared/kernel/entropy.ts'
import { AuthError, isAuthError } from '../../../shared/kernel/errors.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import {
  type GroupAccess,
  openPrivateFolder,
  readOrMake,
  readPrivate,
  replacePrivate,
} from '../../../shared/tokens/secret-files/index.ts'
import { AuditKeyRing } from './audit-key-ring.ts'

export const auditKeyFile = 'audit.json'

export type AuditKeyFolder = Readonly<{
  dir: string
  entropy: Entropy
  groupAccess: GroupAccess
}>

/** Some 4,000 keys: a former one stays for ever, since what it signed does. */
const bytesMax = 1024 * 1024

const parsed = (path: string, text: string): AuditKeyRing => {
  try {
    return AuditKeyRing.parsed(text)
  } catch (error) {
    if (!isAuthError(error, 'KEYS_INVALID')) throw error
    const fix = 'Restore it from a backup: without it nobody can go on with this trail'
    throw new AuthError('KEYS_INVALID', `${path} is damaged: ${error.message}. ${fix}`)
  }
}

const pathIn = ({ dir }: AuditKeyFolder): string => join(dir, auditKeyFile)

/** `null` when there is no file. @throws AuthError KEYS_INVALID with the fix */
const read = async (folder: AuditKeyFolder): Promise<AuditKeyRing | null> => {
  const path = pathIn(folder)
  const text = await readPrivate(path, bytesMax, folder.groupAccess)
  return text === null ? null : parsed(path, text)
}

/**
 * The auditor’s keys, made when there are none. Auditors that start at once on one folder end up
 * with the same ones.
 * @throws AuthError KEYS_INVALID, KEYS_READ_ONLY
 */
export const openAuditKeys = async (folder: AuditKeyFolder): Promise<AuditKeyRing> => {
  const { dir, entropy, groupAccess } = folder
  await openPrivateFolder(dir, groupAccess)
  return readOrMake(
    { path: pathIn(folder), entropy, groupAccess },
    () => read(folder),
    () => AuditKeyRing.made().serialized(),
  )
}

/** @throws AuthError KEYS_INVALID, also when there is no file */
export const loadAuditKeys = async (folder: AuditKeyFolder): Promise<AuditKeyRing> => {
  const found = await read(folder)
  if (found) return found
  throw new AuthError('KEYS_INVALID', `${pathIn(folder)} does not exist. Start an auditor once.`)
}

/**
 * A new key signs; running auditors take it within a minute.
 * @throws AuthError KEYS_INVALID when the file would become larger than auditors read
 */
export const rotateAuditKeys = async (
  folder: AuditKeyFolder,
  now: EpochMs,
): Promise<AuditKeyRing> => {
  const { entropy, groupAccess } = folder
  const rotated = (await loadAuditKeys(folder)).rotated(now)
  const text = rotated.serialized()
  if (Buffer.byteLength(text) > bytesMax) {
    throw new AuthError('KEYS_INVALID', `${pathIn(folder)} cannot hold another key`)
  }
  await replacePrivate({ path: pathIn(folder), text, entropy, groupAccess })
  return rotated
}
