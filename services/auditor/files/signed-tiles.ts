import { AuthError } from '../../../shared/kernel/errors.ts'
import { hashBytes } from '../../../shared/tlog/merkle-hash.ts'
import type { ReadTile } from '../../../shared/tlog/tile-nodes.ts'
import { readHashes } from './read-widened.ts'
import type { TrailFiles } from './trail-files.ts'
import { pathIn } from './trail-layout.ts'

/**
 * The tiles of a log of which something is to be proven; `folder` is the log’s. They reject with
 * TRAIL_INVALID when a tile is not there as it was signed.
 */
export const signedTiles =
  (files: TrailFiles, folder: string): ReadTile =>
  async (place) => {
    const tile = readHashes(files, folder, place)
    if (tile && tile.length >= place.width * hashBytes) return tile
    const path = pathIn(folder, place)
    throw new AuthError('TRAIL_INVALID', `${path} is not there as it was signed`)
  }
