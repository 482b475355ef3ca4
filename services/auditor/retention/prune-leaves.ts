import type { Clock } from '../../../shared/kernel/clock.ts'
import { type TilePlace, tileWidth } from '../../../shared/tlog/tile-path.ts'
import { partialFolder, pathIn, type TrailFiles } from '../files/index.ts'

/** Two files a bundle; others have the disk in between. */
const bundlesPerBatch = 32
const restMs = 5

type LettingGo = Readonly<{
  files: TrailFiles
  clock: Clock
  stop: AbortSignal
  /** So many leaves went by now. */
  onProgress: (leaves: number) => void
}>

const full = (level: TilePlace['level'], index: number): TilePlace => ({
  ...{ level, index, width: tileWidth },
})

const removeFile = (files: TrailFiles, folder: string, place: TilePlace): void => {
  files.forget(pathIn(folder, place))
  files.remove(partialFolder(folder, place))
}

/**
 * Deletes the bundles of the leaves from `from` up to `to`, and all tiles that are over such leaves
 * alone; those that proofs of later leaves need stay (C2SP tlog-tiles, “Pruning”). In small
 * batches; whoever repeats it does no harm. False when it was stopped.
 */
export const pruneLeaves = async (
  { files, clock, stop, onProgress }: LettingGo,
  folder: string,
  { from, to }: Readonly<{ from: number; to: number }>,
): Promise<boolean> => {
  const [first, end] = [from / tileWidth, to / tileWidth]
  for (let at = first; at < end; at += bundlesPerBatch) {
    if (stop.aborted) return false
    const batchEnd = Math.min(end, at + bundlesPerBatch)
    for (let index = at; index < batchEnd; index += 1) {
      removeFile(files, folder, full('entries', index))
      removeFile(files, folder, full(0, index))
    }
    files.sync()
    onProgress((batchEnd - first) * tileWidth)
    await clock.sleep(restMs, stop)
  }
  for (let level = 1; tileWidth ** (level + 1) <= to; level += 1) {
    const leaves = tileWidth ** (level + 1)
    for (let index = Math.floor(from / leaves); index < Math.floor(to / leaves); index += 1) {
      removeFile(files, folder, full(level, index))
    }
  }
  files.sync()
  return true
}
