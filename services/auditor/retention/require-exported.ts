import { AuthError } from '../../../shared/kernel/errors.ts'
import type { NoteVerifier } from '../../../shared/tlog/signed-note.ts'
import { type ExportIndex, indexPath, isWhole, verifyExport } from '../exports/index.ts'
import { type TrailFiles, treeFolder } from '../files/index.ts'
import { beginsWith, type RetainedLog } from './plan-retention.ts'

const refuse = (text: string): never => {
  throw new AuthError('RETENTION_UNCOVERED', text)
}

/** An export, or the index beside it. */
const exportOf = (path: string): string =>
  path.endsWith(indexPath('')) ? path.slice(0, -indexPath('').length) : path

type Trail = Readonly<{ files: TrailFiles; known: readonly NoteVerifier[] }>

const verifiedIndex = async ({ files, known }: Trail, path: string): Promise<ExportIndex> => {
  const file = exportOf(path)
  const alone = await verifyExport(file, known)
  // Its lines prove it; any other format is made again from the trail.
  const { index, isProven, findings } = alone.isProven
    ? alone
    : await verifyExport(file, known, files)
  if (!isWhole(index.filter)) refuse(`${file} was exported with a filter: it leaves events out`)
  const problem = findings[0] ?? (isProven ? null : 'it is not made of the trail as it was signed')
  if (problem !== null) refuse(`${file} does not verify: ${problem}`)
  return index
}

/** Whether the export has all leaves that would go of the log, and is of the same log. */
const covers = async (
  { files }: Trail,
  { logs }: ExportIndex,
  { life, partition, checkpoint, from, to }: RetainedLog,
): Promise<boolean> => {
  const found = logs.find((one) => one.life === life && one.partition === partition)
  if (!found || found.log !== checkpoint.origin) return false
  if ((found.begin?.size ?? 0) > from || found.size < to) return false
  const exported = { size: found.size, root: Buffer.from(found.root, 'base64') }
  return beginsWith(files, treeFolder(life, partition), exported, checkpoint)
}

/**
 * That each leaf that would go is in one of these exports, which verify.
 * @returns the SHA-256 of each
 * @throws AuthError RETENTION_UNCOVERED with what is missing
 */
export const requireExported = async (
  trail: Trail,
  logs: readonly RetainedLog[],
  paths: readonly string[],
): Promise<readonly string[]> => {
  const indexes: ExportIndex[] = []
  for (const path of paths) indexes.push(await verifiedIndex(trail, path))
  for (const log of logs.filter(({ from, to }) => from < to)) {
    const found = await Promise.all(indexes.map((index) => covers(trail, index, log)))
    if (found.includes(true)) continue
    const { life, partition, from, to } = log
    refuse(`leaves ${from} to ${to - 1} of ${life}/${partition} are in no export that was given`)
  }
  return indexes.map(({ sha256 }) => sha256)
}
