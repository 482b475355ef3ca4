import { join } from 'node:path'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { entriesIn } from '../../../shared/tlog/entry-bundle.ts'
import { hashBytes } from '../../../shared/tlog/merkle-hash.ts'
import {
  type ReadTile,
  type TilePlace,
  tileWidth,
  widthAt,
} from '../../../shared/tlog/tile-path.ts'
import type { TrailFiles } from './trail-files.ts'
import { partialFolder, pathIn } from './trail-layout.ts'

type Widened = Readonly<{ bytes: Buffer; isWider: boolean }>

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

/** Where one log of a trail lies. */
export type LogPlace = Readonly<{ files: TrailFiles; folder: string }>

/**
 * The entries of bundle `at` of a log of `size` leaves, and perhaps more, of a wider form of it;
 * `null` when it is not there, or no bundle.
 */
export const entriesAt = (
  { files, folder }: LogPlace,
  at: number,
  size: number,
): readonly Buffer[] | null => {
  const place = { level: 'entries', index: at, width: widthAt(0, at, size) } as const
  const found = readWidened(files, folder, place)
  return found && entriesIn(found.bytes)
}

/** `null` when it is not there. */
export const entryAt = (place: LogPlace, index: number, size: number): Buffer | null =>
  entriesAt(place, Math.floor(index / tileWidth), size)?.[index % tileWidth] ?? null
