import { entriesIn } from '../../../shared/tlog/entry-bundle.ts'
import { tileWidth, widthAt } from '../../../shared/tlog/tile-path.ts'
import { readWidened } from './read-widened.ts'
import type { TrailFiles } from './trail-files.ts'

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
