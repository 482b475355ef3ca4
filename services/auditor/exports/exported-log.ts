import { join } from 'node:path'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { type Checkpoint, openOwnCheckpoint } from '../../../shared/tlog/checkpoint.ts'
import type { NoteVerifier } from '../../../shared/tlog/signed-note.ts'
import { tileWidth, widthAt } from '../../../shared/tlog/tile-path.ts'
import type { TreeBuilder } from '../../../shared/tlog/tree-builder.ts'
import { type ExportedLeaf, exportedLeaf } from '../export-formats/index.ts'
import {
  checkpointFile,
  entriesAt,
  type Life,
  livesOf,
  partitionsOf,
  readMinimumIndex,
  refusePruned,
  type TrailFiles,
  treeBelow,
  treeFolder,
} from '../files/index.ts'
import { type SavedTree, savedTree } from './saved-tree.ts'

/** One partition as it was signed at an instant. */
export type ExportedLog = Readonly<{
  life: Life
  partition: number
  checkpoint: Checkpoint
  /** The signed note. */
  note: string
  /** The tree of what was let go of; the leaves that there are follow it. */
  begin: SavedTree
}>

/** @throws AuthError TRAIL_INVALID */
const beginOf = (files: TrailFiles, folder: string): TreeBuilder => {
  const minimum = readMinimumIndex(files, folder)
  const tree = treeBelow(files, folder, minimum)
  if (tree) return tree
  const text = `${folder}: hashes over what was let go of are not there`
  throw new AuthError('TRAIL_INVALID', text)
}

/**
 * Every partition of every life as it is signed now, oldest life first.
 * @throws AuthError TRAIL_INVALID for a checkpoint that nobody of `known` signed
 */
export const signedLogs = (
  files: TrailFiles,
  known: readonly NoteVerifier[],
): readonly ExportedLog[] =>
  livesOf(files).flatMap((life) =>
    partitionsOf(files, life).flatMap((partition) => {
      const note = files.read(join(treeFolder(life, partition), checkpointFile))
      if (!note) return []
      const { checkpoint } = openOwnCheckpoint(note, known)
      const begin = savedTree(beginOf(files, treeFolder(life, partition)))
      return [{ life, partition, checkpoint, note: note.toString('utf8'), begin }]
    }),
  )

/**
 * That these leaves are all that was signed.
 * @throws AuthError TRAIL_INVALID when they are not
 */
export const checkRoot = (
  { life, partition, checkpoint }: Omit<ExportedLog, 'begin'>,
  tree: TreeBuilder,
): void => {
  if (tree.head().root.equals(checkpoint.root)) return
  throw new AuthError(
    'TRAIL_INVALID',
    `${life}/${partition} does not lead to its signed root: curfew audit verify says where`,
  )
}

/**
 * The leaves of a log from index `from`, in order. A bundle is read at a time.
 * @throws AuthError TRAIL_INVALID where one is not there, TRAIL_PRUNED where it was let go of
 */
export function* leavesOf(
  files: TrailFiles,
  { life, partition, checkpoint: { origin, size } }: Omit<ExportedLog, 'begin'>,
  from: number,
): Generator<ExportedLeaf> {
  const folder = treeFolder(life, partition)
  for (let at = Math.floor(from / tileWidth); at * tileWidth < size; at += 1) {
    const width = widthAt(0, at, size)
    const entries = entriesAt({ files, folder }, at, size)
    if (!entries || entries.length < width) {
      refusePruned(files, folder, at * tileWidth)
      const first = at * tileWidth
      throw new AuthError('TRAIL_INVALID', `${folder}: leaf ${first} and those behind it are gone`)
    }
    for (let within = Math.max(0, from - at * tileWidth); within < width; within += 1) {
      const index = at * tileWidth + within
      yield exportedLeaf(
        { log: origin, life, partition, index },
        entries[within] ?? Buffer.alloc(0),
      )
    }
  }
}

/**
 * Every leaf that is signed now, oldest life first.
 * @throws AuthError TRAIL_INVALID, TRAIL_PRUNED
 */
export function* signedLeaves(
  files: TrailFiles,
  known: readonly NoteVerifier[],
): Generator<ExportedLeaf> {
  for (const log of signedLogs(files, known)) yield* leavesOf(files, log, log.begin.size)
}
