import { parseCheckpointText } from '../../../shared/tlog/checkpoint.ts'
import type { TreeHead } from '../../../shared/tlog/merkle-proof.ts'
import { type NoteVerifier, parseNote, verifyNote } from '../../../shared/tlog/signed-note.ts'
import {
  isTreeName,
  type Life,
  livesOf,
  logIdOf,
  type TrailFiles,
  type TreeName,
  treeFolder,
  treeNameOf,
} from '../files/index.ts'
import { readLeaf } from '../leaves/index.ts'
import { headsIn } from '../trees/index.ts'
import { type Finding, Findings } from './finding.ts'
import { HeadMarks } from './head-marks.ts'
import { StreamVersions } from './stream-versions.ts'
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

type Met = { versions: StreamVersions; missing: number; newestMs: number }

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
  if (leaf.id !== null) met.versions.meet(leaf.id, { index, time: leaf.time })
  const atMs = instantOf(leaf.time)
  if (atMs > met.newestMs) met.newestMs = atMs
  return null
}

/** The end of a life’s origins, which follows the name of the trail. */
const originJudge =
  (life: Life, tree: TreeName) =>
  (found: string): string | null =>
    found.endsWith(`/${life}/${tree}`) ? null : `is of ${found}`

const verifyHeads = async (
  { files, known, breathe }: TrailOptions,
  life: Life,
  previous: Life | null,
): Promise<Readonly<{ log: VerifiedLog; marks: HeadMarks }>> => {
  const marks = new HeadMarks()
  const folder = treeFolder(life, 'heads')
  const log = await verifyLog({
    ...{ files, folder, known, origin: originJudge(life, 'heads') },
    ...(breathe && { breathe }),
    onEntry: (entry, index) => {
      const heads = headsIn(entry)
      if (heads === null) return 'is no head'
      if (index === 0) {
        const problem = chainProblem(entry, previous, known)
        if (problem !== null) return problem
      }
      return marks.meet(heads)
    },
  })
  return { log, marks }
}

/** The first head of a life holds the signed head of the one before. */
const chainProblem = (
  entry: Buffer,
  previous: Life | null,
  known: readonly NoteVerifier[],
): string | null => {
  const { previous: text } = JSON.parse(entry.toString('utf8')) as { previous?: unknown }
  if (previous === null) return null
  if (typeof text !== 'string') return `does not hold the head of ${previous}`
  try {
    const note = parseNote(Buffer.from(text))
    verifyNote(note, known)
    return originJudge(previous, 'heads')(parseCheckpointText(note.text).origin)
  } catch (error) {
    return `holds a head before it that is none: ${(error as Error).message}`
  }
}

const partitionsOf = (files: TrailFiles, life: Life): readonly number[] =>
  files
    .names(life)
    .filter((name) => isTreeName(name) && name !== 'heads')
    .map((name) => treeNameOf(name) as number)
    .sort((one, other) => one - other)

const shorterThanHeads = (size: number | null, heads: readonly TreeHead[]): string | null => {
  const newest = heads.at(-1)
  if (!newest || size === null || size >= newest.size) return null
  return `ends at ${size}, and ${newest.size} is what a head names`
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
  const lives = livesOf(files)
  const all: (VerifiedLog | Readonly<{ folder: string; checkpoint: null; findings: Findings }>)[] =
    []
  let [leaves, missing] = [0, 0]
  let streams = new StreamVersions()
  if (lives.length === 0) {
    const findings = new Findings('.')
    findings.add('lives', null, 'names no life: this is no trail')
    all.push({ folder: '.', checkpoint: null, findings })
  }
  for (const [at, life] of lives.entries()) {
    const { log, marks } = await verifyHeads(options, life, lives[at - 1] ?? null)
    const met: Met = { versions: new StreamVersions(), missing: 0, newestMs: 0 }
    const partitions = new Set([...partitionsOf(files, life), ...marks.partitions()])
    all.push(log)
    for (const partition of partitions) {
      const heads = marks.of(partition)
      if (heads.every(({ size }) => size === 0) && !partitionsOf(files, life).includes(partition)) {
        continue
      }
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
