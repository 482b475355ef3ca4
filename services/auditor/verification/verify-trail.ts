import { join } from 'node:path'
import type { NoteVerifier } from '../../../shared/tlog/signed-note.ts'
import {
  checkpointFile,
  type Life,
  lifePattern,
  livesFile,
  logIdOf,
  partitionsOf,
  readLives,
  type TrailFiles,
  type TreeName,
  treeFolder,
} from '../files/index.ts'
import { namesAnother, readLeaf } from '../leaves/index.ts'
import { type Finding, Findings } from './finding.ts'
import { StreamVersions } from './stream-versions.ts'
import { originJudge, shorterThanHeads, verifyHeads } from './verify-heads.ts'
import { type VerifiedLog, verifyLog } from './verify-log.ts'

export type VerifiedTrail = Readonly<{
  logs: readonly Readonly<{ folder: string; size: number | null }>[]
  /** Leaves in all partitions. */
  leaves: number
  /** Of these, in place of records that the log did not have. */
  missing: number
  findings: readonly Finding[]
  /** All, also those that are not in the list. */
  count: number
  /** Of the newest life, for a comparison with the store. */
  streams: StreamVersions
}>

export type TrailOptions = Readonly<{
  files: TrailFiles
  known: readonly NoteVerifier[]
  /** Between bundles. */
  breathe?: () => Promise<void>
}>

/** A version that came so shortly before the end may be still on its way. */
const settledMs = 60_000

type Met = { fleet: string | null; versions: StreamVersions; missing: number; newestMs: number }

const instantOf = (time: string | null): number => Date.parse(time ?? '')

/** What an entry of a partition must be at its index; it is counted as one. */
const judgeEntry = (met: Met, life: Life, partition: TreeName, entry: Buffer, index: number) => {
  const leaf = readLeaf(entry)
  if (leaf === null) return 'is no leaf of a trail'
  if (leaf.kind === 'missing') {
    met.missing += 1
    return null
  }
  if (leaf.offset !== index) return `is of the offset ${leaf.offset}`
  if (leaf.partition !== partition) return `is of the partition ${leaf.partition}`
  if (leaf.logId !== logIdOf(life)) return `is of the log ${leaf.logId}`
  if (leaf.id !== null && !namesAnother(leaf, met.fleet)) {
    met.versions.meet(leaf.id, { index, time: leaf.time })
  }
  const atMs = instantOf(leaf.time)
  if (atMs > met.newestMs) met.newestMs = atMs
  return null
}

const isSigned = (files: TrailFiles, life: Life, partition: number): boolean =>
  files.read(join(treeFolder(life, partition), checkpointFile)) !== null

/** The lives that the trail names; what else there is, and what is no name, are findings. */
const verifyLives = (files: TrailFiles, findings: Findings): readonly Life[] => {
  // Before `lives`, which may name a new one a moment later.
  const folders = files.names('.').filter((name) => lifePattern.test(name))
  const { lives, problems } = readLives(files)
  for (const problem of problems) findings.add(livesFile, null, problem)
  if (lives.length === 0) findings.add(livesFile, null, 'names no life: this is no trail')
  for (const folder of folders) {
    if (!lives.includes(folder)) findings.add(folder, null, 'is a life that `lives` does not name')
  }
  return lives
}

/** Versions that must be there; a life that began late begins in the middle of streams. */
const lacking = (met: Met, isFirst: boolean, findings: Findings): void => {
  const mayBeginLate = !isFirst || met.missing > 0
  for (const { stream, missing, met: by, isBeginning } of met.versions.missing()) {
    if (isBeginning && mayBeginLate) continue
    if (met.newestMs - instantOf(by.time) < settledMs) continue
    findings.add(null, by.index, `is of ${stream}, whose event ${missing} is not in the trail`)
  }
}

/**
 * Verifies a whole trail offline: each log by itself, the partitions against the signed heads, the
 * offsets, the chain of lives, and that no version of a stream is missing.
 */
export const verifyTrail = async (options: TrailOptions): Promise<VerifiedTrail> => {
  const { files, known, breathe } = options
  const ofTrail = new Findings('.')
  const lives = verifyLives(files, ofTrail)
  const all: (VerifiedLog | Readonly<{ folder: string; checkpoint: null; findings: Findings }>)[] =
    []
  let [leaves, missing] = [0, 0]
  let streams = new StreamVersions()
  all.push({ folder: '.', checkpoint: null, findings: ofTrail })
  for (const [at, life] of lives.entries()) {
    const { log, marks, fleet } = await verifyHeads(options, life, {
      previous: lives[at - 1] ?? null,
      next: lives[at + 1] ?? null,
    })
    const met: Met = { fleet, versions: new StreamVersions(), missing: 0, newestMs: 0 }
    const partitions = new Set([...partitionsOf(files, life), ...marks.partitions()])
    all.push(log)
    for (const partition of partitions) {
      const heads = marks.of(partition)
      // Full tiles lie there before the first checkpoint is signed.
      if (heads.every(({ size }) => size === 0) && !isSigned(files, life, partition)) continue
      const verified = await verifyLog({
        ...{ files, known, marks: heads, origin: originJudge(life, partition) },
        ...(breathe && { breathe }),
        folder: treeFolder(life, partition),
        onEntry: (entry, index) => judgeEntry(met, life, partition, entry, index),
      })
      const size = verified.checkpoint?.size ?? null
      const problem = shorterThanHeads(size, heads)
      if (problem !== null) verified.findings.add('checkpoint', null, problem)
      leaves += size ?? 0
      all.push(verified)
    }
    missing += met.missing
    const ofLife = new Findings(life)
    lacking(met, at === 0, ofLife)
    all.push({ folder: life, checkpoint: null, findings: ofLife })
    streams = met.versions
  }
  return {
    logs: all.flatMap(({ folder, checkpoint }) =>
      checkpoint ? [{ folder, size: checkpoint.size }] : [],
    ),
    ...{ leaves, missing, streams },
    findings: all.flatMap(({ findings }) => findings.list()),
    count: all.reduce((sum, { findings }) => sum + findings.count, 0),
  }
}
