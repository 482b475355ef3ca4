import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FormatName } from '../../../services/auditor/export-formats/index.ts'
import {
  type EventFilter,
  indexPath,
  type Progress,
  runExport,
} from '../../../services/auditor/exports/index.ts'
import { addLife, type TrailFiles } from '../../../services/auditor/files/index.ts'
import { type Clock, systemClock } from '../../../shared/kernel/clock.ts'
import { inTempFolder } from '../temp-folder.ts'
import { CrashingFiles } from './crashing-files.ts'
import { host, logId, recordsOf, ring, trailOf } from './drawn-trail.ts'

export const verifiers = ring.verifiers(host)

type Exported = Readonly<{
  files: TrailFiles
  dir: string
  format?: FormatName
  filter?: EventFilter
  clock?: Clock
  /** Stops it when it says so. */
  stopsAt?: (progress: Progress) => boolean
  onProgress?: (progress: Progress) => void
}>

export const exportPath = (dir: string, format: FormatName = 'cloudevents'): string =>
  join(dir, `trail.${format}`)

/** An export as the command makes it, into `dir`; `null` when it was stopped. */
export const exported = ({
  files,
  dir,
  format = 'cloudevents',
  filter = {},
  clock = systemClock,
  stopsAt = () => false,
  onProgress = () => {},
}: Exported) => {
  const stop = new AbortController()
  return runExport({
    ...{ files, known: verifiers, plan: { format, product: '9.9.9', filter }, clock },
    ...{ out: exportPath(dir, format), stop: stop.signal },
    onProgress: (progress) => {
      onProgress(progress)
      if (stopsAt(progress)) stop.abort()
    },
  })
}

/** What lies there: the export, and its index. */
export const bothFiles = (dir: string, format: FormatName): readonly Buffer[] =>
  [exportPath(dir, format), indexPath(exportPath(dir, format))].map((path) => readFileSync(path))

/** Whose look at the time is always so much later than the one before. */
export const hastyClock = (everyMs: number): Clock => {
  let now = 0
  return {
    ...systemClock,
    monotonicMs: () => {
      now += everyMs
      return now
    },
  }
}

/** Of two partitions. */
export const records = [...recordsOf(0, 700), ...recordsOf(0, 300, 1)]

export const madeTrail = async (): Promise<CrashingFiles> => {
  const files = new CrashingFiles()
  addLife(files, logId)
  await trailOf(files, records, { partitions: 2 })
  return files
}

export const withTrail = (
  work: (files: CrashingFiles, dir: string) => Promise<void>,
): Promise<void> => inTempFolder('export', async (dir) => work(await madeTrail(), dir))
