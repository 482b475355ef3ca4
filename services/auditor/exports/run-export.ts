import { existsSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../../shared/kernel/clock.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { openOwnCheckpoint } from '../../../shared/tlog/checkpoint.ts'
import type { NoteVerifier } from '../../../shared/tlog/signed-note.ts'
import { TreeBuilder } from '../../../shared/tlog/tree-builder.ts'
import { type Encoder, type ExportedLeaf, exportFormats } from '../export-formats/index.ts'
import type { TrailFiles } from '../files/index.ts'
import { isChosen } from './event-filter.ts'
import { counted, KindCounts, type LogCounts, noCounts } from './export-counts.ts'
import { ExportFile, partPath } from './export-file.ts'
import { type ExportIndex, indexPath, writeIndex } from './export-index.ts'
import {
  dropResumePoint,
  type ExportPlan,
  type ExportResumePoint,
  readResumePoint,
  saveResumePoint,
} from './export-resume-point.ts'
import { checkRoot, type ExportedLog, leavesOf, signedLogs } from './exported-log.ts'
import type { OpenLeaves } from './leaf-opener.ts'
import { logsNamedByHeads } from './logs-named-by-heads.ts'
import { savedTree, treeFrom } from './saved-tree.ts'
import { type SignedLife, signedLives } from './signed-lives.ts'

export type ExportOptions = Readonly<{
  files: TrailFiles
  known: readonly NoteVerifier[]
  plan: ExportPlan
  out: string
  stop: AbortSignal
  clock: Clock
  /** Opens sealed members; given if the plan says `unsealed`. */
  open?: OpenLeaves
  /** Now and then; of `total` leaves `done` were read, `resumed` of them by an earlier run. */
  onProgress: (progress: Progress) => void
}>
export type Progress = Readonly<{ done: number; resumed: number; total: number }>

const saveEveryMs = 2_000
/** Leaves between two looks at whether to stop. */
const breathEvery = 256

/** Up to each place at which it may be stopped; `done` leaves are before them. */
function* batchesOf(
  leaves: Iterable<ExportedLeaf>,
  done: number,
): Generator<readonly ExportedLeaf[]> {
  let batch: ExportedLeaf[] = []
  let read = done
  for (const leaf of leaves) {
    batch.push(leaf)
    read += 1
    if (read % breathEvery !== 0) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

/** What is signed when an export begins. */
type Extent = Readonly<{ logs: readonly ExportedLog[]; lives: readonly SignedLife[] }>

/** @throws AuthError TRAIL_INVALID when there is none, or a log that a head names is not there */
const extentOf = async (
  { files, known }: ExportOptions,
  resumePoint: ExportResumePoint | null,
): Promise<Extent> => {
  if (resumePoint) {
    const logs = resumePoint.logs.map(({ life, partition, note, begin }) => {
      const { checkpoint } = openOwnCheckpoint(Buffer.from(note), known)
      return { life, partition, note, checkpoint, begin }
    })
    return { logs, lives: resumePoint.lives }
  }
  const lives = await signedLives(files)
  const logs = signedLogs(files, known)
  if (logs.length === 0) {
    throw new AuthError('TRAIL_INVALID', 'there is no signed log (yet) in the folder of the trail')
  }
  const given = logs.map(({ life, partition, checkpoint: { origin: log, size, root } }) => ({
    ...{ log, life, partition, size, root },
  }))
  const [problem] = logsNamedByHeads(lives, given, known).problems
  if (problem !== undefined) throw new AuthError('TRAIL_INVALID', problem)
  return { logs, lives }
}

const leavesIn = ({ checkpoint, begin }: ExportedLog): number => checkpoint.size - begin.size

/** One export, from where an earlier run left it. */
class ExportRun {
  readonly #options: ExportOptions
  readonly #logs: readonly ExportedLog[]
  readonly #lives: readonly SignedLife[]
  readonly #encoder: Encoder
  readonly #file: ExportFile
  readonly #kinds: KindCounts
  readonly #counts: LogCounts[]
  readonly #resumed: number
  #tree: TreeBuilder
  #done: number
  #savedMs: number

  constructor(
    options: ExportOptions,
    { logs, lives }: Extent,
    encoder: Encoder,
    resumePoint: ExportResumePoint | null,
  ) {
    this.#options = options
    this.#encoder = encoder
    this.#logs = logs
    this.#lives = lives
    this.#counts = [...(resumePoint?.counts ?? [])]
    this.#kinds = new KindCounts(resumePoint?.kinds)
    this.#tree = resumePoint ? treeFrom(resumePoint.tree) : new TreeBuilder()
    const at = Math.max(0, this.#counts.length - 1)
    this.#done = this.#tree.size - (resumePoint ? (this.#logs[at]?.begin.size ?? 0) : 0)
    for (const log of this.#logs.slice(0, at)) this.#done += leavesIn(log)
    this.#resumed = this.#done
    this.#savedMs = options.clock.monotonicMs()
    const { out } = options
    if (resumePoint) this.#file = ExportFile.resumed(out, resumePoint.written)
    else {
      dropResumePoint(out)
      this.#file = ExportFile.begun(out)
      this.#file.write(encoder.begin())
    }
  }

  /** `null` when it was stopped. */
  async ended(): Promise<ExportIndex | null> {
    try {
      for (let at = Math.max(0, this.#counts.length - 1); at < this.#logs.length; at += 1) {
        if (!(await this.#readLog(at))) return null
      }
      this.#tellProgress()
      return this.#publish()
    } finally {
      this.#file.close()
    }
  }

  async #readLog(at: number): Promise<boolean> {
    const log = this.#logs[at]
    if (!log) return true
    if (this.#counts[at] === undefined) {
      this.#counts[at] = noCounts
      this.#tree = treeFrom(log.begin)
    }
    const { files, open } = this.#options
    for (const batch of batchesOf(leavesOf(files, log, this.#tree.size), this.#done)) {
      for (const leaf of open ? await open(batch) : batch) this.#take(at, leaf)
      if (this.#done % breathEvery !== 0) continue
      await setImmediate()
      this.#tellProgress()
      if (this.#options.stop.aborted) {
        this.#save()
        return false
      }
    }
    checkRoot(log, this.#tree)
    return true
  }

  #take(at: number, leaf: ExportedLeaf): void {
    this.#tree.add(leaf.hash)
    this.#done += 1
    if (isChosen(this.#options.plan.filter, leaf)) {
      this.#counts[at] = counted(this.#counts[at] ?? noCounts, leaf)
      this.#kinds.add(leaf)
      this.#file.write(this.#encoder.add(leaf))
    }
    if (this.#options.clock.monotonicMs() - this.#savedMs >= saveEveryMs) this.#save()
  }

  /** Nothing while the encoder holds rows: then the place before them stays. */
  #save(): void {
    const mark = this.#encoder.mark()
    if (mark === null) return
    this.#file.sync()
    const { plan, out, clock } = this.#options
    saveResumePoint(out, {
      ...{ plan, counts: this.#counts, kinds: this.#kinds.all(), mark },
      ...{ tree: savedTree(this.#tree), written: this.#file.written() },
      logs: this.#logs.map(({ life, partition, note, begin }) => ({
        life,
        partition,
        note,
        begin,
      })),
      lives: this.#lives,
    })
    this.#savedMs = clock.monotonicMs()
  }

  #tellProgress(): void {
    const total = this.#logs.reduce((sum, log) => sum + leavesIn(log), 0)
    this.#options.onProgress({ done: this.#done, resumed: this.#resumed, total })
  }

  /** The index first: no export has its name without one. */
  #publish(): ExportIndex {
    const { out, plan } = this.#options
    this.#file.write(this.#encoder.end())
    this.#file.sync()
    const index: ExportIndex = {
      ...{ export: 1, format: plan.format, product: plan.product, ...this.#file.written() },
      ...{ filter: plan.filter, kinds: this.#kinds.all() },
      ...(plan.unsealed && { unsealed: true as const }),
      events: this.#counts.reduce((sum, { events }) => sum + events, 0),
      logs: this.#logs.map(({ life, partition, checkpoint, note, begin }, at) => ({
        ...{ log: checkpoint.origin, life, partition, size: checkpoint.size },
        ...{ root: checkpoint.root.toString('base64'), ...(this.#counts[at] ?? noCounts) },
        checkpoint: note,
        ...(begin.size > 0 && { begin }),
      })),
      lives: [...this.#lives],
    }
    writeIndex(out, index)
    this.#file.publish()
    // Until then a run that is cut off here finds that the index is its own.
    dropResumePoint(out)
    return index
  }
}

/**
 * Writes what is signed now of the trail to `out`, and its index beside it. What an earlier run
 * left is gone on with, and gives the same bytes as if it had not been stopped. `null` when it was
 * stopped. Each log is compared with its signed root on the way.
 * @throws AuthError TRAIL_INVALID when the trail is not as it was signed; INPUT_INVALID when `out`
 * or its index is there already, or an export to it was begun in another way
 */
export const runExport = async (options: ExportOptions): Promise<ExportIndex | null> => {
  const { out, plan } = options
  if (existsSync(out)) throw new AuthError('INPUT_INVALID', `${out} is there already`)
  const resumePoint = readResumePoint(out, plan)
  // With a part beside it, it is of an earlier run that was cut off between the two.
  if (existsSync(indexPath(out)) && !existsSync(partPath(out))) {
    throw new AuthError('INPUT_INVALID', `${indexPath(out)} is there already`)
  }
  const extent = await extentOf(options, resumePoint)
  const encoder = await exportFormats[plan.format].open(plan.product, resumePoint?.mark ?? null)
  return new ExportRun(options, extent, encoder, resumePoint).ended()
}
