import { join } from 'node:path'
import {
  checkpointFile,
  type LogPlace,
  livesOf,
  partitionsOf,
  proveEntry,
  sizeIn,
  type TrailFiles,
  treeFolder,
} from '../files/index.ts'
import { findEvent } from './id-index.ts'

const logsOf = (files: TrailFiles): readonly LogPlace[] =>
  livesOf(files)
    .toReversed()
    .flatMap((life) =>
      partitionsOf(files, life).map((one) => ({ files, folder: treeFolder(life, one) })),
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
    const size = sizeIn(checkpoint)
    const index = findEvent(place, id, size)
    if (index !== null) return proveEntry(place, { checkpoint, size }, index)
  }
  return null
}
