import { type FileHandle, open } from 'node:fs/promises'
import { errorCode } from '../../kernel/error-code.ts'
import { AuthError, isAuthError } from '../../kernel/errors.ts'
import { checkPrivate, type GroupAccess, refuseUnreadable } from '../secret-files/index.ts'
import type { KeyRing, RingKind } from './key-ring.ts'
import { parseRing } from './key-ring-json.ts'

/** A ring whose keys never go, such as that of events, rotates 4,000 times in as much. */
export const ringBytesMax = 1024 * 1024

/** @throws AuthError KEYS_INVALID with the file, what is wrong, and the fix. */
export const refuse = (path: string, problem: string, fix: string, cause?: unknown): never => {
  throw new AuthError('KEYS_INVALID', `${path} ${problem}. ${fix}`, { cause })
}

const readPrivate = async (
  path: string,
  handle: FileHandle,
  groupAccess: GroupAccess,
): Promise<string> => {
  const found = await handle.stat()
  checkPrivate(path, found, groupAccess)
  if (found.size > ringBytesMax) refuse(path, 'is larger than 1 MiB', 'It is no key file.')
  return await handle.readFile('utf8')
}

/**
 * The file's ring, or `null` when there is no file. @throws AuthError KEYS_INVALID with the fix.
 */
export const readRing = async <Kind extends RingKind>(
  kind: Kind,
  path: string,
  groupAccess: GroupAccess,
): Promise<KeyRing<Kind> | null> => {
  const handle = await open(path, 'r').catch((error: unknown) =>
    errorCode(error) === 'ENOENT' ? null : refuseUnreadable(path, error),
  )
  if (handle === null) return null
  try {
    return parseRing(kind, await readPrivate(path, handle, groupAccess))
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
