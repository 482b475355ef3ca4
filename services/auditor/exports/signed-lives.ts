import { join } from 'node:path'
import {
  checkpointFile,
  type Life,
  livesOf,
  proveEntry,
  sizeIn,
  type TrailFiles,
  treeFolder,
} from '../files/index.ts'

/**
 * Which logs a life has, as its log of heads says: the `.tlog-proof` of the newest head, which
 * names each partition, and of the first one, which names the life before.
 */
export type SignedLife = Readonly<{ life: string; first: string; newest: string }>

const signedLife = async (files: TrailFiles, life: Life): Promise<readonly SignedLife[]> => {
  const folder = treeFolder(life, 'heads')
  const checkpoint = files.read(join(folder, checkpointFile))
  if (!checkpoint) return []
  const size = sizeIn(checkpoint)
  if (size === 0) return []
  const proofOf = async (index: number): Promise<string> =>
    (await proveEntry({ files, folder }, { checkpoint, size }, index)).toString('utf8')
  return [{ life, first: await proofOf(0), newest: await proofOf(size - 1) }]
}

/**
 * Every life that has signed a head by now, oldest first. Partitions are signed before their heads,
 * so those that are read afterwards are not behind.
 * @throws AuthError TRAIL_INVALID when a head is not there as it was signed
 */
export const signedLives = async (files: TrailFiles): Promise<readonly SignedLife[]> => {
  const lives: SignedLife[] = []
  for (const life of livesOf(files)) lives.push(...(await signedLife(files, life)))
  return lives
}
