import { join } from 'node:path'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { openCheckpoint } from '../../../shared/tlog/checkpoint.ts'
import { encodeEntry, entriesIn } from '../../../shared/tlog/entry-bundle.ts'
import { hashBytes, leafHash } from '../../../shared/tlog/merkle-hash.ts'
import type { TreeHead } from '../../../shared/tlog/merkle-proof.ts'
import type { NoteSignature, NoteVerifier } from '../../../shared/tlog/signed-note.ts'
import {
  hashesAt,
  hashIn,
  partialTiles,
  type TilePlace,
  tileWidth,
} from '../../../shared/tlog/tile-path.ts'

import { type Tile, TreeBuilder } from '../../../shared/tlog/tree-builder.ts'
import { checkpointFile, partialFolder, pathIn, type TrailFiles } from '../files/index.ts'

/**
 * Signs the checkpoints of a trail, and knows the keys whose signatures the trail may continue
 * from.
 */
export type CheckpointSigner = Readonly<{
  sign: (text: string) => readonly NoteSignature[]
  verifiers: () => readonly NoteVerifier[]
}>

export type LoggedTreeOptions = Readonly<{
  files: TrailFiles
  /** The folder of this C2SP log, below the trail’s folder. */
  folder: string
  origin: string
  signer: CheckpointSigner
}>

export const damaged = (path: string, problem: string): never => {
  throw new AuthError('TRAIL_INVALID', `${path} ${problem}`)
}

export type Resumed = Readonly<{ builder: TreeBuilder; bundle: Buffer[]; signed: TreeHead }>

/** The partial files of a log of `size`. */
export const partialPlaces = (size: number): readonly TilePlace[] => {
  const tiles = partialTiles(size)
  const width = size % tileWidth
  const index = Math.floor(size / tileWidth)
  return width === 0 ? tiles : [...tiles, { level: 'entries', index, width }]
}

/**
 * What a signed checkpoint vouches for, as far as it is gone on from.
 * @throws AuthError TRAIL_INVALID with the place, when the files are not what was signed
 */
export const resumedFrom = (
  { files, folder, origin, signer }: LoggedTreeOptions,
  bytes: Buffer,
): Resumed => {
  const path = join(folder, checkpointFile)
  const { checkpoint } = openCheckpoint(bytes, signer.verifiers())
  const { size, root } = checkpoint
  if (checkpoint.origin !== origin) damaged(path, `is of ${checkpoint.origin}, not of ${origin}`)
  const partial = partialTiles(size).map((place): Tile => {
    const tile = files.read(pathIn(folder, place))
    if (tile?.length !== place.width * hashBytes) {
      return damaged(pathIn(folder, place), 'is not there as it was signed')
    }
    return { place, bytes: tile }
  })
  const builder = TreeBuilder.resumed(size, partial)
  if (!builder.head().root.equals(root)) {
    damaged(path, `has a root that the last tiles of its ${size} leaves do not lead to`)
  }
  const leaves = partial.find(({ place }) => place.level === 0)?.bytes ?? Buffer.alloc(0)
  return { builder, bundle: lastBundle({ files, folder }, size, leaves), signed: { size, root } }
}

const lastBundle = (
  { files, folder }: Pick<LoggedTreeOptions, 'files' | 'folder'>,
  size: number,
  leaves: Buffer,
): Buffer[] => {
  const width = size % tileWidth
  if (width === 0) return []
  const index = Math.floor(size / tileWidth)
  const path = pathIn(folder, { level: 'entries', index, width })
  const entries = entriesIn(files.read(path) ?? Buffer.alloc(0)) ?? []
  const isRight = (entry: Buffer, at: number): boolean => leafHash(entry).equals(hashIn(leaves, at))
  if (entries.length !== width || !entries.every(isRight)) damaged(path, 'is not as it was signed')
  return entries.map(encodeEntry)
}

/** Partial files that a process left which ended before it removed them. */
export const removeStale = ({ files, folder }: LoggedTreeOptions, size: number): void => {
  const wanted = new Set(partialPlaces(size).map((place) => pathIn(folder, place)))
  const levels = ['entries' as const, ...partialTiles(size).map(({ level }) => level)]
  for (const level of new Set<TilePlace['level']>(levels)) {
    const current = Math.floor(hashesAt(level === 'entries' ? 0 : level, size) / tileWidth)
    for (const index of [current - 1, current].filter((one) => one >= 0)) {
      const place = { level, index, width: tileWidth }
      const names = files.names(partialFolder(folder, place))
      const stale = names.filter((width) => {
        const path = pathIn(folder, { ...place, width: Number(width) })
        return !wanted.has(path)
      })
      for (const width of stale) files.remove(join(partialFolder(folder, place), width))
    }
  }
}
