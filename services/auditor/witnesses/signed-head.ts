import { join } from 'node:path'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { type Checkpoint, parseCheckpointText } from '../../../shared/tlog/checkpoint.ts'
import { emptyRoot, type TreeHash } from '../../../shared/tlog/merkle-hash.ts'
import { consistencyProof, type MerkleProof } from '../../../shared/tlog/merkle-proof.ts'
import { parseNote, type SignedNote } from '../../../shared/tlog/signed-note.ts'
import { rangeHash } from '../../../shared/tlog/subtrees.ts'
import { nodesInTiles } from '../../../shared/tlog/tile-nodes.ts'
import {
  checkpointFile,
  livesOf,
  signedTiles,
  type TrailFiles,
  treeFolder,
} from '../files/index.ts'

/** The newest signed head of the log of heads, and what is proven of it. */
export type SignedHead = Readonly<{
  folder: string
  bytes: Buffer
  note: SignedNote
  checkpoint: Checkpoint
  /** That it goes on from a tree of `older` leaves. @throws AuthError TRAIL_INVALID */
  proofFrom: (older: number) => Promise<MerkleProof>
  /** Of its first `size` leaves. @throws AuthError TRAIL_INVALID when its tiles are damaged */
  rootAt: (size: number) => Promise<TreeHash>
}>

/** `null` when nothing is signed yet. @throws AuthError TRAIL_INVALID */
export const signedHead = (files: TrailFiles): SignedHead | null => {
  const life = livesOf(files).at(-1)
  if (life === undefined) return null
  const folder = treeFolder(life, 'heads')
  const bytes = files.read(join(folder, checkpointFile))
  if (!bytes) return null
  const note = parseNote(bytes)
  const checkpoint = parseCheckpointText(note.text)
  const nodes = nodesInTiles(signedTiles(files, folder), checkpoint.size)
  const proofFrom = (older: number) => consistencyProof(nodes, older, checkpoint.size)
  const rootAt = async (size: number): Promise<TreeHash> => {
    const whole = await rangeHash(nodes, 0, checkpoint.size)
    if (whole.equals(checkpoint.root)) return size === 0 ? emptyRoot() : rangeHash(nodes, 0, size)
    throw new AuthError('TRAIL_INVALID', `${folder}: its tiles do not lead to its signed root`)
  }
  return { folder, bytes, note, checkpoint, proofFrom, rootAt }
}
