import { join } from 'node:path'
import { type Checkpoint, openOwnCheckpoint } from '../../../shared/tlog/checkpoint.ts'
import { entriesIn } from '../../../shared/tlog/entry-bundle.ts'
import { hashBytes, leafHash } from '../../../shared/tlog/merkle-hash.ts'
import type { TreeHead } from '../../../shared/tlog/merkle-proof.ts'
import type { NoteVerifier } from '../../../shared/tlog/signed-note.ts'
import { hashIn } from '../../../shared/tlog/tile-nodes.ts'
import { tilePath, tileWidth, widthAt } from '../../../shared/tlog/tile-path.ts'
import { checkpointFile, readHashes, readWidened, type TrailFiles } from '../files/index.ts'
import { Findings } from './finding.ts'
import { LogTrees } from './log-trees.ts'

export type VerifiedLog = Readonly<{
  folder: string
  /** `null` when the checkpoint is not there or not signed. */
  checkpoint: Checkpoint | null
  findings: Findings
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

/** A bundle and the tile over it, with what is wrong of either as a file. */
const bundleAt = (
  { files, folder }: LogOptions,
  index: number,
  width: number,
  findings: Findings,
): Bundle => {
  const first = index * tileWidth
  const entriesPlace = { level: 'entries', index, width } as const
  const bundle = readWidened(files, folder, entriesPlace)
  const read = bundle && entriesIn(bundle.bytes)
  const entries = read && (bundle.isWider ? read.slice(0, width) : read)
  const entriesPath = tilePath(entriesPlace)
  if (!bundle) findings.add(entriesPath, first, 'and those behind it are not there')
  else if (!entries) findings.add(entriesPath, first, 'or one behind it has a wrong length')
  else if (entries.length !== width) {
    const text = `and those behind it are ${entries.length} entries, and must be ${width}`
    findings.add(entriesPath, first, text)
  }
  const tilePlace = { level: 0, index, width }
  const hashes = readHashes(files, folder, tilePlace)
  const isWhole = hashes?.length === width * hashBytes
  if (!isWhole) findings.add(tilePath(tilePlace), first, 'and those behind it have no hashes')
  const isGone = !bundle && !hashes
  return { entries: entries ?? [], hashes: isWhole ? hashes : null, isGone }
}

/**
 * Reads a whole C2SP log and compares all of it: entries with their hashes, tiles with what is
 * below them, the root with the signed one. Two trees are made, of the entries and of the hashes
 * that lie beside them, so that it can tell which of the two was changed. It ends where both are
 * gone: a checkpoint may name more leaves than anybody has the time to miss.
 */
export const verifyLog = async (options: LogOptions): Promise<VerifiedLog> => {
  const { files, folder, onEntry, marks = [], breathe } = options
  const findings = new Findings(folder)
  const checkpoint = signedCheckpoint(options, findings)
  if (!checkpoint) return { folder, checkpoint, findings }
  const { size } = checkpoint
  const trees = new LogTrees({ files, folder, size, marks, findings })
  for (let first = 0; first < size; first += tileWidth) {
    const at = first / tileWidth
    const width = widthAt(0, at, size)
    const { entries, hashes, isGone } = bundleAt(options, at, width, findings)
    if (isGone) {
      trees.endEarly()
      return { folder, checkpoint, findings }
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
  return { folder, checkpoint, findings }
}
