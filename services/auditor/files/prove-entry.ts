import { AuthError } from '../../../shared/kernel/errors.ts'
import { parseCheckpointText } from '../../../shared/tlog/checkpoint.ts'
import { inclusionProof } from '../../../shared/tlog/merkle-proof.ts'
import { parseNote } from '../../../shared/tlog/signed-note.ts'
import { nodesInTiles } from '../../../shared/tlog/tile-path.ts'
import { formatTlogProof } from '../../../shared/tlog/tlog-proof.ts'
import { entryAt, type LogPlace, signedTiles } from './read-tiles.ts'

/** How many leaves a checkpoint names. @throws AuthError TRAIL_INVALID when it is none */
export const sizeIn = (checkpoint: Buffer): number =>
  parseCheckpointText(parseNote(checkpoint).text).size

/**
 * The `.tlog-proof` of leaf `index` under the log’s checkpoint, which names `size` leaves. It holds
 * the entry, so that it can be read and verified without the trail.
 * @throws AuthError TRAIL_INVALID when files are not there as they were signed
 */
export const proveEntry = async (
  place: LogPlace,
  { checkpoint, size }: Readonly<{ checkpoint: Buffer; size: number }>,
  index: number,
): Promise<Buffer> => {
  const { files, folder } = place
  const extra = entryAt(place, index, size)
  if (extra === null) {
    throw new AuthError('TRAIL_INVALID', `${folder}: leaf ${index} is not there as it was signed`)
  }
  const proof = await inclusionProof(nodesInTiles(signedTiles(files, folder), size), index, size)
  return formatTlogProof({ extra, index, proof, checkpoint })
}
