import { join } from 'node:path'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { parseCheckpointText } from '../../../shared/tlog/checkpoint.ts'
import { entriesIn } from '../../../shared/tlog/entry-bundle.ts'
import { inclusionProof } from '../../../shared/tlog/merkle-proof.ts'
import { parseNote } from '../../../shared/tlog/signed-note.ts'
import { nodesInTiles } from '../../../shared/tlog/tile-nodes.ts'
import { tileWidth, widthAt } from '../../../shared/tlog/tile-path.ts'
import { formatTlogProof } from '../../../shared/tlog/tlog-proof.ts'
import {
  checkpointFile,
  type Life,
  livesOf,
  readWidened,
  signedTiles,
  type TrailFiles,
  treeFolder,
} from '../files/index.ts'

/**
 * Which logs a life has, as its log of heads says: the `.tlog-proof` of the newest head, which
 * names each partition, and of the first one, which names the life before.
 */
export type SignedLife = Readonly<{ life: string; first: string; newest: string }>

const headAt = (files: TrailFiles, folder: string, index: number, size: number): Buffer => {
  const at = Math.floor(index / tileWidth)
  const width = widthAt(0, at, size)
  const found = readWidened(files, folder, { level: 'entries', index: at, width })
  const entry = found && entriesIn(found.bytes)?.[index - at * tileWidth]
  if (entry) return entry
  throw new AuthError('TRAIL_INVALID', `${folder}: leaf ${index} is not there as it was signed`)
}

const signedLife = async (files: TrailFiles, life: Life): Promise<readonly SignedLife[]> => {
  const folder = treeFolder(life, 'heads')
  const checkpoint = files.read(join(folder, checkpointFile))
  if (!checkpoint) return []
  const { size } = parseCheckpointText(parseNote(checkpoint).text)
  if (size === 0) return []
  const nodes = nodesInTiles(signedTiles(files, folder), size)
  const proofOf = async (index: number): Promise<string> => {
    const extra = headAt(files, folder, index, size)
    const proof = await inclusionProof(nodes, index, size)
    return formatTlogProof({ extra, index, proof, checkpoint }).toString('utf8')
  }
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
