import { join } from 'node:path'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { hashBytes } from '../../../shared/tlog/merkle-hash.ts'
import { partialTiles, tileWidth } from '../../../shared/tlog/tile-path.ts'
import { type Tile, TreeBuilder } from '../../../shared/tlog/tree-builder.ts'
import { readHashes } from './read-tiles.ts'
import type { TrailFiles } from './trail-files.ts'
import { minimumFile } from './trail-layout.ts'

/**
 * The minimum index of a log (C2SP tlog-tiles, “Pruning”): leaves below it were let go of, with all
 * tiles and bundles that are over such leaves alone; 0 where nothing was. It is a whole number of
 * bundles.
 * @throws AuthError TRAIL_INVALID when the file holds something else
 */
export const readMinimumIndex = (files: TrailFiles, folder: string): number => {
  const path = join(folder, minimumFile)
  const bytes = files.read(path)
  if (bytes === null) return 0
  const [, text = ''] = /^([1-9]\d{0,15})\n$/.exec(bytes.toString('latin1')) ?? []
  const minimum = Number(text)
  if (minimum > 0 && minimum % tileWidth === 0 && Number.isSafeInteger(minimum)) return minimum
  throw new AuthError('TRAIL_INVALID', `${path} holds no minimum index`)
}

/** Durable once `files.sync` returned. */
export const writeMinimumIndex = (files: TrailFiles, folder: string, minimum: number): void =>
  files.replace(join(folder, minimumFile), Buffer.from(`${minimum}\n`))

/**
 * The tree of the first `size` leaves, from the hashes that a pruned log keeps; `null` when one of
 * them is not there. It says nothing of their truth.
 */
export const treeBelow = (files: TrailFiles, folder: string, size: number): TreeBuilder | null => {
  const tiles = partialTiles(size).map((place): Tile | null => {
    const bytes = readHashes(files, folder, place)
    return bytes && bytes.length >= place.width * hashBytes ? { place, bytes } : null
  })
  return tiles.every((tile) => tile !== null) ? TreeBuilder.resumed(size, tiles) : null
}

/** @throws AuthError TRAIL_PRUNED for a leaf that was let go of */
export const refusePruned = (files: TrailFiles, folder: string, index: number): void => {
  const minimum = readMinimumIndex(files, folder)
  if (index >= minimum) return
  throw new AuthError(
    'TRAIL_PRUNED',
    `${folder} begins at leaf ${minimum}: what lies below was let go of by a retention`,
  )
}
