import { chmod, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCode } from '../kernel/error-code.ts'
import { AuthError } from '../kernel/errors.ts'
import { exposureOf, type GroupAccess } from '../tokens/secret-files/index.ts'

/** What LMDB keeps in its folder; both hold, or tell of, what no one else may read. */
const files = ['data.mdb', 'lock.mdb'] as const

type Found = Readonly<{ mode: number; gid: number }>

const look = (path: string): Promise<Found | null> =>
  stat(path).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return null
    const why = `${path} cannot be looked at (${errorCode(error)})`
    throw new AuthError('STORE_UNAVAILABLE', why, { cause: error })
  })

const refuseOpen = (path: string, found: Found, allowed: GroupAccess, fix: string): void => {
  const problem = exposureOf(path, found, allowed)
  if (problem === null) return
  const { who, setting } = problem
  throw new AuthError('DATA_EXPOSED', `${who}. ${fix}.${setting === null ? '' : ` ${setting}.`}`)
}

/**
 * Refuses a data folder that others have any access to, or its group more than `allowed`, and files
 * in it that are open in spite of it: password hashes and addresses lie there. What is not there
 * yet is made private. @throws AuthError DATA_EXPOSED with the fix.
 */
export const checkDataFolder = async (dir: string, allowed: GroupAccess): Promise<void> => {
  const folder = await look(dir)
  if (!folder) return
  const inside = `CURFEW_DATA_DIR=${join(dir, 'curfew')}`
  const fix = `Run: chmod 700 ${dir}, or give a folder inside of it, which Curfew makes: ${inside}`
  refuseOpen(dir, folder, allowed, fix)
  for (const name of files) {
    const path = join(dir, name)
    const found = await look(path)
    if (found) refuseOpen(path, found, allowed, `Run: chmod 600 ${path}`)
  }
}

/**
 * In a folder that the group may write to, where a setting allows it, the group may write to the
 * files too, whatever the umask was.
 */
export const shareWithGroup = async (dir: string): Promise<void> => {
  const folder = await look(dir)
  if (!folder || (folder.mode & 0o020) === 0) return
  for (const name of files) {
    const path = join(dir, name)
    const found = await look(path)
    // A process that does not own the file cannot change its mode; the owner has done so already.
    if (found && (found.mode & 0o777) !== 0o660) await chmod(path, 0o660).catch(() => {})
  }
}
