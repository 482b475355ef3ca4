import { existsSync, readFileSync, rmSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { FormatName } from '../export-formats/index.ts'
import type { EventFilter } from './event-filter.ts'
import type { LogCounts } from './export-counts.ts'
import { partPath, type Written } from './export-file.ts'
import { replaceFile } from './replace-file.ts'
import type { SavedTree } from './saved-tree.ts'
import type { SignedLife } from './signed-lives.ts'

/** What is exported, and as what. */
export type ExportPlan = Readonly<{
  format: FormatName
  product: string
  filter: EventFilter
  /** What is sealed of persons is opened. */
  unsealed?: true
}>

/** How far an export came: what the next run goes on from. */
export type ExportResumePoint = Readonly<{
  plan: ExportPlan
  /** The signed notes of all logs at its beginning: it ends where they end. */
  logs: readonly Readonly<{ life: string; partition: number; note: string; begin: SavedTree }>[]
  lives: readonly SignedLife[]
  /** One entry for each log that the export has begun. */
  counts: readonly LogCounts[]
  kinds: Readonly<Record<string, number>>
  /** The tree of the leaves that were read so far in the current log. */
  tree: SavedTree
  written: Written
  mark: string
}>

const resumePointPath = (out: string): string => `${partPath(out)}.json`

export const saveResumePoint = (out: string, resumePoint: ExportResumePoint): void =>
  replaceFile(resumePointPath(out), JSON.stringify(resumePoint))

export const dropResumePoint = (out: string): void => rmSync(resumePointPath(out), { force: true })

const parsed = (path: string): ExportResumePoint | null => {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ExportResumePoint
  } catch {
    return null
  }
}

/**
 * What an earlier run left; `null` when there is nothing.
 * @throws AuthError INPUT_INVALID when that run was to export something else
 */
export const readResumePoint = (out: string, plan: ExportPlan): ExportResumePoint | null => {
  const path = resumePointPath(out)
  if (!existsSync(partPath(out)) || !existsSync(path)) return null
  const resumePoint = parsed(path)
  // Through JSON, which has no members that are undefined.
  const wanted: unknown = JSON.parse(JSON.stringify(plan))
  if (resumePoint !== null && isDeepStrictEqual(resumePoint.plan, wanted)) return resumePoint
  throw new AuthError(
    'INPUT_INVALID',
    `${path} is of an export that was begun in another way: give the same options, or remove it`,
  )
}
