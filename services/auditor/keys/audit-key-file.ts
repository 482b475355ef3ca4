import { mkdir, open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Entropy } from '../../../shared/kernel/entropy.ts'
import { errorCode } from '../../../shared/kernel/error-code.ts'
import { AuthError, isAuthError } from '../../../shared/kernel/errors.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import {
  checkFolder,
  checkPrivate,
  createPrivate,
  type GroupAccess,
  refuseUnreadable,
  replacePrivate,
  writing,
} from '../../../shared/tokens/secret-files/index.ts'
import { AuditKeyRing } from './audit-key-ring.ts'

export const auditKeyFile = 'audit.json'

export type AuditKeyFolder = Readonly<{
  dir: string
  entropy: Entropy
  groupAccess: GroupAccess
}>

const bytesMax = 64 * 1024

const parsed = (path: string, text: string): AuditKeyRing => {
  try {
    return AuditKeyRing.parsed(text)
  } catch (error) {
    if (!isAuthError(error, 'KEYS_INVALID')) throw error
    const fix = 'Restore it from a backup: without it nobody can go on with this trail'
    throw new AuthError('KEYS_INVALID', `${path} is damaged: ${error.message}. ${fix}`)
  }
}

/** `null` when there is no file. @throws AuthError KEYS_INVALID with the fix */
const read = async ({ dir, groupAccess }: AuditKeyFolder): Promise<AuditKeyRing | null> => {
  const path = join(dir, auditKeyFile)
  const handle = await open(path, 'r').catch((error: unknown) =>
    errorCode(error) === 'ENOENT' ? null : refuseUnreadable(path, error),
  )
  if (handle === null) return null
  try {
    const found = await handle.stat()
    checkPrivate(path, found, groupAccess)
    if (found.size > bytesMax) throw new AuthError('KEYS_INVALID', `${path} is no key file`)
    return parsed(path, await handle.readFile('utf8'))
  } finally {
    await handle.close()
  }
}

/**
 * The auditor’s keys, made when there are none. Auditors that start at once on one folder end up
 * with the same ones.
 * @throws AuthError KEYS_INVALID, KEYS_READ_ONLY
 */
export const openAuditKeys = async (folder: AuditKeyFolder): Promise<AuditKeyRing> => {
  const { dir, entropy, groupAccess } = folder
  await writing(dir, () => mkdir(dir, { recursive: true, mode: 0o700 }))
  await checkFolder(dir, await stat(dir), groupAccess)
  const found = await read(folder)
  if (found) return found
  const path = join(dir, auditKeyFile)
  await createPrivate({ path, text: AuditKeyRing.made().serialized(), entropy, groupAccess })
  return (await read(folder)) ?? refuseUnreadable(path, null)
}

/** @throws AuthError KEYS_INVALID, also when there is no file */
export const loadAuditKeys = async (folder: AuditKeyFolder): Promise<AuditKeyRing> => {
  const found = await read(folder)
  if (found) return found
  const path = join(folder.dir, auditKeyFile)
  throw new AuthError('KEYS_INVALID', `${path} does not exist. Start an auditor once.`)
}

/** A new key signs; running auditors take it within a minute. */
export const rotateAuditKeys = async (
  folder: AuditKeyFolder,
  now: EpochMs,
): Promise<AuditKeyRing> => {
  const { dir, entropy, groupAccess } = folder
  const rotated = (await loadAuditKeys(folder)).rotated(now)
  const path = join(dir, auditKeyFile)
  await replacePrivate({ path, text: rotated.serialized(), entropy, groupAccess })
  return rotated
}
