import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { openOwnCheckpoint } from '../../../shared/tlog/checkpoint.ts'
import type { NoteVerifier } from '../../../shared/tlog/signed-note.ts'
import { exportFormats } from '../export-formats/index.ts'
import type { TrailFiles } from '../files/index.ts'
import { isChosen } from './event-filter.ts'
import type { ExportIndex } from './export-index.ts'
import { checkRoot, leavesOf } from './exported-log.ts'
import { emptyTree, treeFrom } from './saved-tree.ts'

const breathEvery = 256

/**
 * The SHA-256 of what the trail gives for this index now. The logs are read as far as the index
 * names them, and compared with their signed roots.
 * @throws AuthError TRAIL_INVALID when the trail is not what was signed, or ends before
 */
export const remadeSha256 = async (
  files: TrailFiles,
  { format, product, filter, logs }: ExportIndex,
  known: readonly NoteVerifier[],
): Promise<string> => {
  const encoder = await exportFormats[format].open(product, null)
  const hash = createHash('sha256').update(encoder.begin())
  for (const { life, partition, checkpoint: note, begin = emptyTree } of logs) {
    const { checkpoint } = openOwnCheckpoint(Buffer.from(note), known)
    const log = { life, partition, checkpoint, note }
    const tree = treeFrom(begin)
    for (const leaf of leavesOf(files, log, tree.size)) {
      tree.add(leaf.hash)
      if (isChosen(filter, leaf)) hash.update(encoder.add(leaf))
      if (tree.size % breathEvery === 0) await setImmediate()
    }
    checkRoot(log, tree)
  }
  return hash.update(encoder.end()).digest('hex')
}
