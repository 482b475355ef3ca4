import { join } from 'node:path'
import { isAuthError } from '../../../shared/kernel/errors.ts'
import { type Checkpoint, openOwnCheckpoint } from '../../../shared/tlog/checkpoint.ts'
import { entriesIn } from '../../../shared/tlog/entry-bundle.ts'
import { hashBytes, leafHash } from '../../../shared/tlog/merkle-hash.ts'
import type { TreeHead } from '../../../shared/tlog/merkle-proof.ts'
import type { NoteVerifier } from '../../../shared/tlog/signed-note.ts'
import { hashIn, tilePath, tileWidth, widthAt } from '../../../shared/tlog/tile-path.ts'

import type { TreeBuilder } from '../../../shared/tlog/tree-builder.ts'
import {
  checkpointFile,
  minimumFile,
  readHashes,
  readMinimumIndex,
  readWidened,
  type TrailFiles,
  treeBelow,
} from '../files/index.ts'
import { compareLeftovers } from './compare-leftovers.ts'
import { Findings } from './finding.ts'
import { LogTrees } from './log-trees.ts'

export type VerifiedLog = Readonly<{
  folder: string
  /** `null` when the checkpoint is not there or not signed. */
  checkpoint: Checkpoint | null
  findings: Findings
  /** The tree of all that was let go of, by what was signed; `null` where nothing was. */
  pruned: TreeHead | null
}>

/** What is wrong of the name in a checkpoint that these signed. */
export type OriginJudge = (found: string, by: readonly NoteVerifier[]) => string | null

export type LogOptions = Readonly<{
  files: TrailFiles
  folder: string
  origin: OriginJudge
  known: readonly NoteVerifier[]
  /** Told of each entry, in order; what it answers is a finding. */
  onEntry?: (entry: Buffer, index: number) => string | null
  /** Heads that were signed elsewhere, by size; each must be a beginning of this log. */
  marks?: readonly TreeHead[]
  /** Between bundles: others want the thread, too. */
  breathe?: () => Promise<void>
}>

const signedCheckpoint = (options: LogOptions, findings: Findings): Checkpoint | null => {
  const { files, folder, known, origin } = options
  const bytes = files.read(join(folder, checkpointFile))
  if (!bytes) {
    findings.add(checkpointFile, null, 'is not there')
    return null
  }
  try {
    const { checkpoint, by } = openOwnCheckpoint(bytes, known)
    const problem = origin(checkpoint.origin, by)
    if (problem !== null) findings.add(checkpointFile, null, problem)
    return checkpoint
  } catch (error) {
    findings.add(checkpointFile, null, `is not signed: ${(error as Error).message}`)
    return null
  }
}

type Bundle = Readonly<{
  entries: readonly Buffer[]
  hashes: Buffer | null
  /** Neither of the two files is there. */
  isGone: boolean
}>

const minimumOf = ({ files, folder }: LogOptions, findings: Findings): number => {
  try {
    return readMinimumIndex(files, folder)
  } catch (error) {
    if (!isAuthError(error)) throw error
    findings.add(minimumFile, null, 'holds no minimum index')
    return 0
  }
}

/**
 * A bundle and the tile over it, with what is wrong of either as a file; where a retention let go
 * of them, the minimum index.
 */
const bundleAt = (
  options: LogOptions,
  index: number,
  width: number,
  findings: Findings,
): Bundle | number => {
  const { files, folder } = options
  const first = index * tileWidth
  const entriesPlace = { level: 'entries', index, width } as const
  const tilePlace = { level: 0, index, width }
  const bundle = readWidened(files, folder, entriesPlace)
  const hashes = readHashes(files, folder, tilePlace)
  // A retention may have begun after this log was begun to be read.
  const minimum = bundle && hashes ? 0 : minimumOf(options, findings)
  if (first < minimum) return minimum
  const read = bundle && entriesIn(bundle.bytes)
  const entries = read && (bundle.isWider ? read.slice(0, width) : read)
  const entriesPath = tilePath(entriesPlace)
  if (!bundle) findings.add(entriesPath, first, 'and those behind it are not there')
  else if (!entries) findings.add(entriesPath, first, 'or one behind it has a wrong length')
  else if (entries.length !== width) {
    const text = `and those behind it are ${entries.length} entries, and must be ${width}`
    findings.add(entriesPath, first, text)
  }
  const isWhole = hashes?.length === width * hashBytes
  if (!isWhole) findings.add(tilePath(tilePlace), first, 'and those behind it have no hashes')
  const isGone = !bundle && !hashes
  return { entries: entries ?? [], hashes: isWhole ? hashes : null, isGone }
}

/** The tree of what was let go of; what is wrong of it is a finding. */
const prunedTree = (
  { files, folder }: LogOptions,
  minimum: number,
  size: number,
  findings: Findings,
): TreeBuilder | null => {
  const tree = minimum < size ? treeBelow(files, folder, minimum) : null
  const text = `says ${minimum}, and the hashes that such a log keeps are not all there`
  if (tree === null) findings.add(minimumFile, null, text)
  return tree
}

/**
 * Reads a whole C2SP log and compares all of it: entries with their hashes, tiles with what is
 * below them, the root with the signed one. Two trees are made, of the entries and of the hashes
 * that lie beside them, so that it can tell which of the two was changed. It ends where both are
 * gone: a checkpoint may name more leaves than anybody has the time to miss. Leaves that a
 * retention let go of are stood for by the hashes over them.
 */
export const verifyLog = async (options: LogOptions): Promise<VerifiedLog> => {
  const { files, folder, onEntry, marks = [], breathe } = options
  const findings = new Findings(folder)
  const checkpoint = signedCheckpoint(options, findings)
  let pruned: TreeHead | null = null
  const ended = (): VerifiedLog => ({ folder, checkpoint, findings, pruned })
  if (!checkpoint) return ended()
  const { size } = checkpoint
  const trees = new LogTrees({ files, folder, size, marks, findings })
  const leap = (minimum: number): boolean => {
    const below = prunedTree(options, minimum, size, findings)
    pruned = below?.head() ?? pruned
    if (below) trees.leap(below)
    return below !== null
  }
  const begin = minimumOf(options, findings)
  if (begin > 0 && !leap(begin)) return ended()
  while (trees.size < size) {
    const first = trees.size
    const at = first / tileWidth
    const width = widthAt(0, at, size)
    const bundle = bundleAt(options, at, width, findings)
    if (typeof bundle === 'number') {
      if (!leap(bundle)) return ended()
      continue
    }
    const { entries, hashes, isGone } = bundle
    if (isGone) {
      trees.endEarly()
      return ended()
    }
    for (let within = 0; within < width; within += 1) {
      const index = first + within
      const entry = entries[within]
      const problem = entry ? (onEntry?.(entry, index) ?? null) : null
      if (problem !== null) {
        findings.add(tilePath({ level: 'entries', index: at, width }), index, problem)
      }
      trees.add(entry ? leafHash(entry) : null, hashes && hashIn(hashes, within))
    }
    await breathe?.()
  }
  trees.end(checkpoint.root)
  // What is wrong of the log itself would be found here once more.
  if (findings.count === 0) {
    const minimum = minimumOf(options, findings)
    await compareLeftovers({ files, folder, size, minimum }, findings, breathe)
  }
  return ended()
}
