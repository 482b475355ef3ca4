import { open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { GroupAccess } from '../../../shared/tokens/secret-files/index.ts'

const synced = async (path: string): Promise<void> => {
  const opened = await open(path, 'r')
  try {
    await opened.sync()
  } finally {
    await opened.close()
  }
}

/**
 * Writes files below `dir`, each at once and whole, and durable once it resolves. In `curfew start`
 * witnesses are asked in the thread that answers requests, so it does not wait for the disk.
 */
export const keepDurably =
  (dir: string, groupAccess: GroupAccess) =>
  async (path: string, bytes: Buffer): Promise<void> => {
    const full = join(dir, path)
    const beside = `${full}.new`
    await rm(beside, { force: true })
    const file = await open(beside, 'wx', groupAccess === 'none' ? 0o600 : 0o640)
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(beside, full)
    await synced(dirname(full))
  }
