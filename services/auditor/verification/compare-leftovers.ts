import { join } from 'node:path'
import {
  hashesAt,
  levelsOf,
  type TilePlace,
  tilePath,
  tileWidth,
  widthAt,
} from '../../../shared/tlog/tile-path.ts'
import { partialFolder, readWidened, type TrailFiles } from '../files/index.ts'
import type { Findings } from './finding.ts'

type Log = Readonly<{ files: TrailFiles; folder: string; size: number; minimum: number }>

const breathEvery = 256

/** Each bundle and each tile that a log has, but for what was let go of. */
function* placesOf({ size, minimum }: Log): Generator<TilePlace> {
  for (const level of levelsOf(size)) {
    const first = Math.floor(minimum / tileWidth ** (level + 1))
    for (let index = first; index * tileWidth < hashesAt(level, size); index += 1) {
      const width = widthAt(level, index, size)
      yield { level, index, width }
      if (level === 0) yield { level: 'entries', index, width }
    }
  }
}

const isPrefixOf = (one: Buffer, other: Buffer): boolean => {
  const shared = Math.min(one.length, other.length)
  return one.subarray(0, shared).equals(other.subarray(0, shared))
}

/**
 * For a log that is as it was signed, checks the partial files of its older checkpoints. A crash
 * may have left them beside the newest partial files or beside the full ones, and somebody who was
 * shown such a checkpoint may still read them. Each must be the beginning of what was signed, or as
 * much of that as a crash left.
 */
export const compareLeftovers = async (
  log: Log,
  findings: Findings,
  breathe?: () => Promise<void>,
): Promise<void> => {
  const { files, folder } = log
  let looked = 0
  for (const place of placesOf(log)) {
    looked += 1
    if (looked % breathEvery === 0) await breathe?.()
    const others = files
      .names(partialFolder(folder, place))
      .filter((name) => /^\d{1,3}$/.test(name) && Number(name) !== place.width)
    const signed = others.length > 0 ? readWidened(files, folder, place) : null
    if (signed === null) continue
    for (const name of others) {
      const found = files.read(join(partialFolder(folder, place), name))
      if (found === null || isPrefixOf(found, signed.bytes)) continue
      const path = tilePath({ ...place, width: Number(name) })
      findings.add(path, null, 'was left of an older checkpoint, and is not what was signed')
    }
  }
}
