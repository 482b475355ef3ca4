import { statfsSync } from 'node:fs'

const eio = 5
const enospc = 28
/** errno of Linux, and lmdb.h: what an administrator can mend, in their words. */
const reasons: ReadonlyMap<number, string> = new Map([
  [eio, 'the disk failed (EIO)'],
  [24, 'too many open files (EMFILE): raise the limit of open files'],
  [enospc, 'the disk is full (ENOSPC): free some space'],
  [30, 'the file system is read-only (EROFS)'],
  [122, 'the quota of the disk is used up (EDQUOT)'],
  [-30_792, 'the data fills the map (MDB_MAP_FULL)'],
  [-30_790, 'too many readers (MDB_READERS_FULL): fewer processes may share the files'],
])

const littleSpace = 1_024 * 1_024

const isFull = (path: string): boolean => {
  try {
    const { bavail, bsize } = statfsSync(path)
    return bavail * bsize < littleSpace
  } catch {
    return false
  }
}

/**
 * The reason behind a code of LMDB, or `null`. LMDB calls a write that came short EIO, also where
 * the disk was full: the file system is asked.
 */
export const writeFailureReason = (code: number, path: string): string | null =>
  reasons.get(code === eio && isFull(path) ? enospc : code) ?? null
