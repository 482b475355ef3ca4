import { event } from '../../../shared/events/event.ts'
import { changeHolds, type Retention, withRetention } from '../../../shared/fleet/holds/index.ts'
import type { Clock } from '../../../shared/kernel/clock.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { AuditIndex, TermsOf } from '../../../shared/ports/audit-index.ts'
import { type TilePlace, tileWidth } from '../../../shared/tlog/tile-path.ts'
import {
  type Life,
  partialFolder,
  pathIn,
  readMinimumIndex,
  type TrailFiles,
  treeFolder,
  writeMinimumIndex,
} from '../files/index.ts'
import { makeReceipt } from '../receipts/index.ts'
import type { RetainingParts } from './decide-retention.ts'

/** Two files a bundle; others have the disk in between. */
const bundlesPerBatch = 32

type LettingGo = Readonly<{
  files: TrailFiles
  clock: Clock
  stop: AbortSignal
  /** So many leaves went by now. */
  onProgress: (leaves: number) => void
}>

const full = (level: TilePlace['level'], index: number): TilePlace => ({
  ...{ level, index, width: tileWidth },
})

const removeFile = (files: TrailFiles, folder: string, place: TilePlace): void => {
  files.forget(pathIn(folder, place))
  files.remove(partialFolder(folder, place))
}

/**
 * Deletes the bundles of the leaves from `from` up to `to`, and all tiles that are over such leaves
 * alone; those that proofs of later leaves need stay (C2SP tlog-tiles, “Pruning”). In small
 * batches; whoever repeats it does no harm. False when it was stopped.
 */
const pruneLeaves = async (
  { files, clock, stop, onProgress }: LettingGo,
  folder: string,
  { from, to }: Readonly<{ from: number; to: number }>,
): Promise<boolean> => {
  const [first, end] = [from / tileWidth, to / tileWidth]
  for (let at = first; at < end; at += bundlesPerBatch) {
    if (stop.aborted) return false
    const batchEnd = Math.min(end, at + bundlesPerBatch)
    for (let index = at; index < batchEnd; index += 1) {
      removeFile(files, folder, full('entries', index))
      removeFile(files, folder, full(0, index))
    }
    files.sync()
    onProgress((batchEnd - first) * tileWidth)
    await clock.sleep(restMs, stop)
  }
  for (let level = 1; tileWidth ** (level + 1) <= to; level += 1) {
    const leaves = tileWidth ** (level + 1)
    for (let index = Math.floor(from / leaves); index < Math.floor(to / leaves); index += 1) {
      removeFile(files, folder, full(level, index))
    }
  }
  files.sync()
  return true
}

/** An event is in the trail about a second after it happened. */
const trailWaitMs = 30_000
const lookMs = 1_000
const rowsPerBatch = 500
const restMs = 5

export type CarryingOut = RetainingParts &
  Readonly<{
    /** What finds events; `null` where there is none. */
    index: Readonly<{ index: Pick<AuditIndex, 'drop'>; termsOf: TermsOf }> | null
    stop: AbortSignal
    /** Called with how many of `count` leaves are deleted so far. */
    onProgress: (progress: Readonly<{ done: number; count: number }>) => void
  }>

/** @throws AuthError RETENTION_PENDING while no signed log of the trail has the event */
const awaitInTrail = async (parts: CarryingOut, id: string): Promise<void> => {
  const { files, clock, stop } = parts
  const startedMs = clock.monotonicMs()
  while ((await makeReceipt(files, id)) === null) {
    if (stop.aborted || clock.monotonicMs() - startedMs > trailWaitMs) {
      throw new AuthError(
        'RETENTION_PENDING',
        `nothing was deleted: the trail does not have the event ${id} yet. It comes as soon as a ` +
          'gateway and the auditor of this trail run; then give the command again',
      )
    }
    await clock.sleep(lookMs, stop)
  }
}

type Row = Readonly<{ folder: string; from: number; to: number }>

const rowsOf = ({ told }: Retention): readonly Row[] =>
  told.logs.map(({ log, from, to }) => {
    const [life = '', partition = ''] = log.split('/')
    return { folder: treeFolder(life as Life, Number(partition)), from, to }
  })

/**
 * Writes the minimum index of each log first: a reader must know that leaves are gone before the
 * first one is deleted.
 */
const markRows = ({ files }: CarryingOut, rows: readonly Row[]): void => {
  for (const { folder, to } of rows) {
    if (readMinimumIndex(files, folder) < to) writeMinimumIndex(files, folder, to)
  }
  files.sync()
}

const forgetInIndex = async (
  { index, clock, stop }: CarryingOut,
  before: EpochMs,
): Promise<boolean> => {
  while (index) {
    if (stop.aborted) return false
    if ((await index.index.drop(before, rowsPerBatch, index.termsOf)) === 0) break
    await clock.sleep(restMs, stop)
  }
  return true
}

/**
 * Does what was decided, from wherever an earlier run ended: tells of it, waits until the trail has
 * signed that, marks each log, deletes in small batches, and has the index forget the same time.
 * False when it was stopped; the next run goes on.
 * @throws AuthError RETENTION_PENDING, STORE_UNAVAILABLE
 */
export const carryOutRetention = async (
  parts: CarryingOut,
  retention: Retention,
): Promise<boolean> => {
  const { told, id } = retention
  await awaitInTrail(parts, await parts.tell(`retention:${id}`, event('TrailRetained', told)))
  const rows = rowsOf(retention)
  markRows(parts, rows)
  const { files, clock, stop, onProgress } = parts
  let done = 0
  for (const { folder, from, to } of rows) {
    const report = (leaves: number): void => onProgress({ done: done + leaves, count: told.count })
    if (!(await pruneLeaves({ files, clock, stop, onProgress: report }, folder, { from, to })))
      return false
    done += to - from
  }
  if (!(await forgetInIndex(parts, told.before))) return false
  await changeHolds(parts.store, (register) => {
    const isSame = register.retentions[told.trail]?.id === id
    return isSame ? withRetention(register, { ...retention, isDone: true }) : register
  })
  return true
}
