import { join } from 'node:path'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { type Checkpoint, parseCheckpointText } from '../../../shared/tlog/checkpoint.ts'
import { emptyRoot, type TreeHash } from '../../../shared/tlog/merkle-hash.ts'
import {
  consistencyProof,
  inclusionProof,
  type MerkleProof,
} from '../../../shared/tlog/merkle-proof.ts'
import { parseNote, type SignedNote } from '../../../shared/tlog/signed-note.ts'
import { rangeHash } from '../../../shared/tlog/subtrees.ts'
import { nodesInTiles, type ReadTile } from '../../../shared/tlog/tile-path.ts'
import { livesOf } from './lives-file.ts'
import { entryAt, signedTiles } from './read-tiles.ts'

import type { TrailFiles } from './trail-files.ts'
import { checkpointFile, type Life, treeFolder } from './trail-layout.ts'

/** The newest signed head of the log of heads, and what is proven of it. */
export type SignedHead = Readonly<{
  folder: string
  bytes: Buffer
  note: SignedNote
  checkpoint: Checkpoint
  /** That it goes on from a tree of `older` leaves. @throws AuthError TRAIL_INVALID */
  proofFrom: (older: number) => Promise<MerkleProof>
  /** The root of its first `size` leaves. @throws AuthError TRAIL_INVALID when tiles are damaged */
  rootAt: (size: number) => Promise<TreeHash>
  /** Its first entry, and that it is in there. @throws AuthError TRAIL_INVALID */
  first: () => Promise<Readonly<{ entry: Buffer; proof: MerkleProof }>>
}>

/** Proofs of one head need the same few tiles again and again. */
const readOnce = (read: ReadTile): ReadTile => {
  const known = new Map<string, Promise<Buffer>>()
  return (place) => {
    const key = `${place.level}/${place.index}`
    const found = known.get(key) ?? read(place)
    known.set(key, found)
    return found
  }
}

/**
 * The head of the newest life; `null` when nothing is signed yet. @throws AuthError TRAIL_INVALID
 */
export const signedHead = (files: TrailFiles): SignedHead | null => {
  const life = livesOf(files).at(-1)
  return life === undefined ? null : signedHeadOf(files, life)
}

/** The head of one life; `null` when it has none. @throws AuthError TRAIL_INVALID */
export const signedHeadOf = (files: TrailFiles, life: Life): SignedHead | null => {
  const folder = treeFolder(life, 'heads')
  const bytes = files.read(join(folder, checkpointFile))
  if (!bytes) return null
  const note = parseNote(bytes)
  const checkpoint = parseCheckpointText(note.text)
  const nodes = nodesInTiles(readOnce(signedTiles(files, folder)), checkpoint.size)
  const proofFrom = (older: number) => consistencyProof(nodes, older, checkpoint.size)
  const rootAt = async (size: number): Promise<TreeHash> => {
    const whole = await rangeHash(nodes, 0, checkpoint.size)
    if (whole.equals(checkpoint.root)) return size === 0 ? emptyRoot() : rangeHash(nodes, 0, size)
    throw new AuthError('TRAIL_INVALID', `${folder}: its tiles do not lead to its signed root`)
  }
  const first = async () => {
    const entry = entryAt({ files, folder }, 0, checkpoint.size)
    if (entry) return { entry, proof: await inclusionProof(nodes, 0, checkpoint.size) }
    throw new AuthError('TRAIL_INVALID', `${folder}: its first entry is not there`)
  }
  return { folder, bytes, note, checkpoint, proofFrom, rootAt, first }
}
