import { link, open, rename, stat, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Entropy } from '../../kernel/entropy.ts'
import { errorCode } from '../../kernel/error-code.ts'
import { AuthError } from '../../kernel/errors.ts'
import { makeFolder } from '../../kernel/process/make-folder.ts'
import {
  checkFolder,
  checkPrivate,
  type GroupAccess,
  modeOfNew,
  refuseUnreadable,
  setMode,
  writing,
} from './file-permissions.ts'

const syncDirectory = async (dir: string): Promise<void> => {
  const handle = await open(dir, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

type PrivateFile = Readonly<{
  path: string
  text: string
  entropy: Entropy
  groupAccess: GroupAccess
}>

/**
 * Writes beside `path`, and lets `place` put it there: nobody ever reads half a file, even after a
 * power cut.
 */
const writeBeside = (
  { path, text, entropy, groupAccess }: PrivateFile,
  place: (temporary: string) => Promise<void>,
): Promise<void> =>
  writing(path, async () => {
    const former = await stat(path).catch(() => null)
    const temporary = `${path}.${entropy.bytes(8).toString('hex')}.tmp`
    const handle = await open(temporary, 'wx', 0o600)
    try {
      try {
        await setMode(handle, modeOfNew(former, groupAccess), former?.gid ?? null)
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
  })

/**
 * Makes the file unless there is one: `link` fails where a file is, and rename would replace it. Of
 * two processes that start at once, the first one's keys stand, and the other reads them.
 * @throws AuthError KEYS_READ_ONLY, KEYS_INVALID
 */
const createPrivate = (made: PrivateFile): Promise<void> =>
  writeBeside(made, async (temporary) => {
    await link(temporary, made.path).catch((error: unknown) => {
      if (errorCode(error) !== 'EEXIST') throw error
    })
  })

/**
 * Puts the new text where the old one is, at once. @throws AuthError KEYS_READ_ONLY, KEYS_INVALID
 */
export const replacePrivate = (made: PrivateFile): Promise<void> =>
  writeBeside(made, (temporary) => rename(temporary, made.path))

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
  await writing(dir, async () => makeFolder(dir, 0o700))
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
