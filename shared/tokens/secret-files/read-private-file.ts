import { mkdir, open, stat } from 'node:fs/promises'
import { errorCode } from '../../kernel/error-code.ts'
import { AuthError } from '../../kernel/errors.ts'
import {
  checkFolder,
  checkPrivate,
  type GroupAccess,
  refuseUnreadable,
  writing,
} from './file-permissions.ts'
import { createPrivate, type PrivateFile } from './write-private-file.ts'

const sizeText = (bytes: number): string =>
  bytes < 1024 * 1024 ? `${bytes / 1024} KiB` : `${bytes / 1024 / 1024} MiB`

/** The text of a file of secrets; `null` when there is none. @throws AuthError KEYS_INVALID */
export const readPrivate = async (
  path: string,
  bytesMax: number,
  groupAccess: GroupAccess,
): Promise<string | null> => {
  const handle = await open(path, 'r').catch((error: unknown) =>
    errorCode(error) === 'ENOENT' ? null : refuseUnreadable(path, error),
  )
  if (handle === null) return null
  try {
    const found = await handle.stat()
    checkPrivate(path, found, groupAccess)
    if (found.size <= bytesMax) return await handle.readFile('utf8')
    const text = `${path} is larger than ${sizeText(bytesMax)}. It is no key file.`
    throw new AuthError('KEYS_INVALID', text)
  } finally {
    await handle.close()
  }
}

/**
 * Makes the folder of secret files where there is none.
 * @throws AuthError KEYS_READ_ONLY, KEYS_INVALID when others could put keys of their own there
 */
export const openPrivateFolder = async (dir: string, groupAccess: GroupAccess): Promise<void> => {
  await writing(dir, () => mkdir(dir, { recursive: true, mode: 0o700 }))
  await checkFolder(dir, await stat(dir), groupAccess)
}

/**
 * What `read` finds in the file, which is made when there is none. Processes that start at once end
 * up with the same. @throws AuthError KEYS_READ_ONLY, KEYS_INVALID
 */
export const readOrMake = async <Read>(
  file: Omit<PrivateFile, 'text'>,
  read: () => Promise<Read | null>,
  text: () => string,
): Promise<Read> => {
  const found = await read()
  if (found !== null) return found
  await createPrivate({ ...file, text: text() })
  const made = await read()
  if (made !== null) return made
  throw new AuthError('KEYS_INVALID', `${file.path} vanished while it was made. Start again.`)
}
