import { join } from 'node:path'
import type { NoteVerifier } from '../../../shared/tlog/signed-note.ts'
import {
  checkpointFile,
  type Life,
  lifePattern,
  livesFile,
  logIdOf,
  minimumFile,
  partitionsOf,
  readLives,
  type TrailFiles,
  type TreeName,
  treeFolder,
} from '../files/index.ts'
import { namesAnother, readLeaf } from '../leaves/index.ts'
import type { TrailStreams } from './compare-store.ts'
import { type Finding, Findings } from './finding.ts'
import { RetentionHistory } from './retention-history.ts'
import { type MetVersion, type MissingVersion, StreamVersions } from './stream-versions.ts'
import { type MetUnsigned, metUnsigned, type UnsignedMarks } from './unsigned-marks.ts'
import { originJudge, shorterThanHeads, type VerifiedHeads, verifyHeads } from './verify-heads.ts'
import { type VerifiedLog, verifyLog } from './verify-log.ts'

export type VerifiedTrail = Readonly<{
  logs: readonly Readonly<{ folder: string; size: number; first: number }>[]
  /** Leaves in all partitions. */
  leaves: number
  /** How many of these leaves were deleted by retentions. */
  pruned: number
  /** How many of these leaves stand in for records that the log did not have. */
  missing: number
  /** Of these, of records that no gateway signed, as the heads say: the first, and how many. */
  unsigned: MetUnsigned
  findings: readonly Finding[]
  /** All, also those that are not in the list. */
  count: number
  /**
   * The streams of all lives, for a comparison with the store; empty if they were not to be kept.
   */
  streams: TrailStreams
}>

export type TrailOptions = Readonly<{
  files: TrailFiles
  known: readonly NoteVerifier[]
  /** Between bundles. */
  breathe?: () => Promise<void>
  /** Some 100 bytes a stream. */
  keepsStreams?: boolean
}>

/** A version that came so shortly before the end may be still on its way. */
const settledMs = 60_000

type LifeTally = {
  readonly retentions: RetentionHistory
  fleet: string | null
  readonly unsigned: UnsignedMarks
  versions: StreamVersions
  missing: number
  pruned: number
  oldestMs: number
  newestMs: number
}

const instantOf = (time: string | null): number => Date.parse(time ?? '')

/** What an entry of a partition must be at its index; it is counted as one. */
const judgeEntry = (
  tally: LifeTally,
  life: Life,
  partition: TreeName,
  entry: Buffer,
  index: number,
) => {
  const leaf = readLeaf(entry)
  if (leaf === null) return 'is no leaf of a trail'
  if (leaf.kind === 'missing') {
    tally.missing += 1
    return null
  }
  if (leaf.offset !== index) return `is of the offset ${leaf.offset}`
  if (leaf.partition !== partition) return `is of the partition ${leaf.partition}`
  if (leaf.logId !== logIdOf(life)) return `is of the log ${leaf.logId}`
  if (tally.unsigned.has(partition, index)) {
    tally.unsigned.note({ log: treeFolder(life, partition), index, id: leaf.id })
    return null
  }
  if (leaf.id !== null && !namesAnother(leaf, tally.fleet)) {
    tally.versions.add(leaf.id, { index, time: leaf.time })
    tally.retentions.add(entry)
  }
  const atMs = instantOf(leaf.time)
  if (atMs > tally.newestMs) tally.newestMs = atMs
  if (atMs < tally.oldestMs) tally.oldestMs = atMs
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
const missingVersionsIn = (tally: LifeTally, isFirst: boolean): readonly MissingVersion[] => {
  const mayBeginLate = !isFirst || tally.missing + tally.pruned > 0
  return [...tally.versions.missing()].filter(
    ({ isBeginning, occurrence: by }) =>
      !(isBeginning && mayBeginLate) && !(tally.newestMs - instantOf(by.time) < settledMs),
  )
}

/** A version may come behind a later one, so it may have been let go of where that one stays. */
const mayBePruned = ({ pruned, retentions }: LifeTally, { begunAt }: MissingVersion): boolean =>
  pruned > 0 && !(instantOf(begunAt) >= retentions.beforeMs + settledMs)

const reportMissing = (
  tally: LifeTally,
  missingVersions: readonly MissingVersion[],
  findings: Findings,
): void => {
  for (const one of missingVersions) {
    if (mayBePruned(tally, one)) continue
    const { stream, missing, occurrence: by } = one
    findings.add(null, by.index, `is of ${stream}, whose event ${missing} is not in the trail`)
  }
}

type AnyLog = VerifiedLog | Readonly<{ folder: string; checkpoint: null; findings: Findings }>

/** The partitions of one life, as far as something was signed of them. */
const verifyPartitions = async (
  { files, known, breathe }: TrailOptions,
  life: Life,
  { log: heads, marks }: VerifiedHeads,
  tally: LifeTally,
): Promise<readonly VerifiedLog[]> => {
  const logs: VerifiedLog[] = []
  for (const partition of new Set([...partitionsOf(files, life), ...marks.partitions()])) {
    const own = marks.of(partition)
    // Full tiles lie there before the first checkpoint is signed.
    if (own.every(({ size }) => size === 0) && !isSigned(files, life, partition)) continue
    const verified = await verifyLog({
      ...{ files, known, marks: own, origin: originJudge(life, partition) },
      ...(breathe && { breathe }),
      folder: treeFolder(life, partition),
      onEntry: (entry, index) => judgeEntry(tally, life, partition, entry, index),
    })
    const problem = shorterThanHeads(verified.checkpoint?.size ?? null, own)
    if (problem !== null) verified.findings.add(checkpointFile, null, problem)
    tally.pruned += verified.pruned?.size ?? 0
    logs.push(verified)
  }
  return [heads, ...logs]
}

/** What was let go of must be what an event of the trail says; which may come in a later life. */
const tellUntoldRetentions = (logs: readonly AnyLog[], retentions: RetentionHistory): void => {
  for (const { checkpoint, findings, ...log } of logs) {
    const pruned = 'pruned' in log ? log.pruned : null
    if (!checkpoint || !pruned) continue
    const problem = retentions.problem(checkpoint.origin, pruned)
    if (problem !== null) findings.add(minimumFile, null, problem)
  }
}

const keepNewest = (newest: Map<string, MetVersion>, versions: StreamVersions): void => {
  for (const [stream, met] of versions.newest()) {
    if (met.version > (newest.get(stream)?.version ?? -1)) newest.set(stream, met)
  }
}

/** From when on nothing can be missing because the trail began late or was pruned. */
const completeFrom = (tallies: readonly Readonly<{ tally: LifeTally }>[]): number => {
  const [first] = tallies
  const isPruned = tallies.some(({ tally: { pruned } }) => pruned > 0)
  const begun = first && first.tally.missing > 0 ? first.tally.oldestMs + settledMs : 0
  return isPruned ? Math.max(begun, (first?.tally.retentions.beforeMs ?? 0) + settledMs) : begun
}

const isPartition = ({ folder, checkpoint }: AnyLog): boolean =>
  checkpoint !== null && !folder.endsWith('/heads')

/**
 * Verifies a whole trail offline: each log by itself, the partitions against the signed heads, the
 * offsets, the chain of lives, that no version of a stream is missing, and that what was let go of
 * is what an event says.
 */
export const verifyTrail = async (options: TrailOptions): Promise<VerifiedTrail> => {
  const ofTrail = new Findings('.')
  const lives = verifyLives(options.files, ofTrail)
  const all: AnyLog[] = [{ folder: '.', checkpoint: null, findings: ofTrail }]
  const retentions = new RetentionHistory()
  const tallies: Readonly<{ tally: LifeTally; missingVersions: readonly MissingVersion[] }>[] = []
  const newest = new Map<string, MetVersion>()
  for (const [at, life] of lives.entries()) {
    const heads = await verifyHeads(options, life, {
      previous: lives[at - 1] ?? null,
      next: lives[at + 1] ?? null,
    })
    const counts = { missing: 0, pruned: 0, oldestMs: Number.POSITIVE_INFINITY, newestMs: 0 }
    const tally: LifeTally = {
      fleet: heads.fleet,
      versions: new StreamVersions(),
      retentions,
      ...counts,
      unsigned: heads.unsigned,
    }
    all.push(...(await verifyPartitions(options, life, heads, tally)))
    tallies.push({ tally, missingVersions: missingVersionsIn(tally, at === 0) })
    if (options.keepsStreams) keepNewest(newest, tally.versions)
    // They take memory.
    tally.versions = new StreamVersions()
  }
  for (const [at, life] of lives.entries()) {
    const ofLife = new Findings(life)
    const read = tallies[at]
    if (read) reportMissing(read.tally, read.missingVersions, ofLife)
    all.push({ folder: life, checkpoint: null, findings: ofLife })
  }
  tellUntoldRetentions(all, retentions)
  const sum = (count: (tally: LifeTally) => number): number =>
    tallies.reduce((all, { tally }) => all + count(tally), 0)
  return {
    logs: all.flatMap((log) =>
      log.checkpoint
        ? [{ folder: log.folder, size: log.checkpoint.size, first: log.pruned?.size ?? 0 }]
        : [],
    ),
    leaves: all.filter(isPartition).reduce((sum, log) => sum + (log.checkpoint?.size ?? 0), 0),
    ...{ missing: sum(({ missing }) => missing), pruned: sum(({ pruned }) => pruned) },
    unsigned: metUnsigned(tallies.map(({ tally: { unsigned } }) => unsigned)),
    streams: { newest, completeFromMs: completeFrom(tallies) },
    findings: all.flatMap(({ findings }) => findings.list()),
    count: all.reduce((sum, { findings }) => sum + findings.count, 0),
  }
}
