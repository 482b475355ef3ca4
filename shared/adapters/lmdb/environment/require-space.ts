import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AuthError } from '../../../kernel/errors.ts'
import { writeFailureReason } from './write-failure-reason.ts'

/** More than the file of locks and the first pages take. */
const probeBytes = 32 * 1_024

/**
 * Before LMDB makes its file of locks, which it maps: where the disk has no room for it, touching
 * it is a SIGBUS, which nothing can catch. A file that is there has its room.
 * @throws AuthError STORE_UNAVAILABLE with what is in the way
 */
export const requireSpace = (folder: string): void => {
  if (existsSync(join(folder, 'lock.mdb'))) return
  const probe = join(folder, `.space-${process.pid}`)
  try {
    writeFileSync(probe, Buffer.alloc(probeBytes), { mode: 0o600 })
  } catch (error) {
    const reason = writeFailureReason(Math.abs((error as NodeJS.ErrnoException).errno ?? 0), folder)
    if (reason === null) throw error
    throw new AuthError('STORE_UNAVAILABLE', `${folder}: ${reason}`, { cause: error })
  } finally {
    rmSync(probe, { force: true })
  }
}
