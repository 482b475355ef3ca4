import { join } from 'node:path'
import { hashBytes } from '../../../shared/tlog/merkle-hash.ts'
import { type TilePlace, tileWidth } from '../../../shared/tlog/tile-path.ts'
import type { TrailFiles } from './trail-files.ts'
import { partialFolder, pathIn } from './trail-layout.ts'

export type Widened = Readonly<{ bytes: Buffer; isWider: boolean }>

/**
 * A tile or a bundle, or a wider form of it, which begins with the same: while somebody reads, an
 * auditor goes on and removes what is partial. `null` when there is neither.
 */
export const readWidened = (
  files: TrailFiles,
  folder: string,
  place: TilePlace,
): Widened | null => {
  const exact = files.read(pathIn(folder, place))
  if (exact) return { bytes: exact, isWider: false }
  if (place.width === tileWidth) return null
  const wider = files
    .names(partialFolder(folder, place))
    .map(Number)
    .filter((width) => width > place.width)
    .sort((one, other) => one - other)
  for (const width of wider) {
    const found = files.read(join(partialFolder(folder, place), String(width)))
    if (found) return { bytes: found, isWider: true }
  }
  const full = files.read(pathIn(folder, { ...place, width: tileWidth }))
  return full && { bytes: full, isWider: true }
}

/** The hashes of a tile, of a wider form those that the tile has; `null` when there is neither. */
export const readHashes = (files: TrailFiles, folder: string, place: TilePlace): Buffer | null => {
  const found = readWidened(files, folder, place)
  return found && (found.isWider ? found.bytes.subarray(0, place.width * hashBytes) : found.bytes)
}
