import { link, open, rename, stat, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Entropy } from '../../kernel/entropy.ts'
import { errorCode } from '../../kernel/error-code.ts'
import { type GroupAccess, modeOfNew, setMode, writing } from './file-permissions.ts'

const syncDirectory = async (dir: string): Promise<void> => {
  const handle = await open(dir, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

export type PrivateFile = Readonly<{
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
export const createPrivate = (made: PrivateFile): Promise<void> =>
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
