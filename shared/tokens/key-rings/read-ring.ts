import { AuthError, isAuthError } from '../../kernel/errors.ts'
import { type GroupAccess, readPrivate } from '../secret-files/index.ts'
import type { KeyRing, RingKind } from './key-ring.ts'
import { parseRing } from './key-ring-json.ts'

/** A ring whose keys never go, such as that of events, rotates 4,000 times in as much. */
export const ringBytesMax = 1024 * 1024

/** @throws AuthError KEYS_INVALID with the file, what is wrong, and the fix. */
export const refuse = (path: string, problem: string, fix: string, cause?: unknown): never => {
  throw new AuthError('KEYS_INVALID', `${path} ${problem}. ${fix}`, { cause })
}

/**
 * The file's ring, or `null` when there is no file. @throws AuthError KEYS_INVALID with the fix.
 */
export const readRing = async <Kind extends RingKind>(
  kind: Kind,
  path: string,
  groupAccess: GroupAccess,
): Promise<KeyRing<Kind> | null> => {
  const text = await readPrivate(path, ringBytesMax, groupAccess)
  if (text === null) return null
  try {
    return parseRing(kind, text)
  } catch (error) {
    if (!isAuthError(error, 'KEYS_INVALID')) throw error
    return refuse(
      path,
      `is damaged: ${error.message}`,
      'Restore it from a backup; without it, a new one ends every session.',
    )
  }
}
