import { join } from 'node:path'
import { parseCheckpointText } from '../../../shared/tlog/checkpoint.ts'
import { inclusionProof } from '../../../shared/tlog/merkle-proof.ts'
import { parseNote } from '../../../shared/tlog/signed-note.ts'
import { nodesInTiles } from '../../../shared/tlog/tile-nodes.ts'
import { formatTlogProof } from '../../../shared/tlog/tlog-proof.ts'
import {
  checkpointFile,
  isTreeName,
  livesOf,
  signedTiles,
  type TrailFiles,
  treeFolder,
  treeNameOf,
} from '../files/index.ts'
import { entryAt, findEvent, type LogPlace } from './id-index.ts'

/** The proof that leaf `index` of this log is in what its newest checkpoint names. */
const proofOf = async (place: LogPlace, checkpoint: Buffer, index: number): Promise<Buffer> => {
  const { size } = parseCheckpointText(parseNote(checkpoint).text)
  const proof = await inclusionProof(
    nodesInTiles(signedTiles(place.files, place.folder), size),
    index,
    size,
  )
  // The event itself, so that the receipt can be read and verified without the trail.
  const extra = entryAt(place, index, size)
  return formatTlogProof({ extra, index, proof, checkpoint })
}

const logsOf = (files: TrailFiles): readonly LogPlace[] =>
  livesOf(files)
    .toReversed()
    .flatMap((life) =>
      files
        .names(life)
        .filter((name) => isTreeName(name) && name !== 'heads')
        .map((name) => ({ files, folder: treeFolder(life, treeNameOf(name)) })),
    )

/**
 * The `.tlog-proof` of the event with this id, from the newest life that has it; `null` when no
 * signed log has it (yet). Cost: it looks through the index of each partition, 8 bytes an event.
 * @throws AuthError TRAIL_INVALID when files are not there as they were signed
 */
export const makeReceipt = async (files: TrailFiles, id: string): Promise<Buffer | null> => {
  for (const place of logsOf(files)) {
    const checkpoint = files.read(join(place.folder, checkpointFile))
    if (!checkpoint) continue
    const { size } = parseCheckpointText(parseNote(checkpoint).text)
    const index = findEvent(place, id, size)
    if (index !== null) return proofOf(place, checkpoint, index)
  }
  return null
}
