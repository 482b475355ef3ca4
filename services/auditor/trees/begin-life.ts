import { join } from 'node:path'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import {
  addLife,
  checkpointFile,
  type Life,
  livesFile,
  logIdOf,
  readLives,
  treeFolder,
} from '../files/index.ts'
import { TrailLife, type TrailLifeOptions } from './trail-life.ts'

type Beginning = Omit<TrailLifeOptions, 'life' | 'previous'> &
  Readonly<{
    /** The identity of the log, as closed times name it now. */
    logId: string
    at: EpochMs
    closed: EpochMs | null
  }>

export type BegunLife = Readonly<{
  life: Life
  trees: TrailLife
  /** A head was signed, the first one. */
  isNew: boolean
}>

/** A log that comes back after another one gets a life of its own: `<logId>-2`. */
const freeName = (logId: string, lives: readonly Life[]): Life => {
  let name = logId
  for (let again = 2; lives.includes(name); again += 1) name = `${logId}-${again}`
  return name
}

/**
 * Goes on with the newest life of the trail, or begins one when the log has another name now. Its
 * first head is signed before `lives` names it: so a life that is named there has a head, and one
 * that has none any more was tampered with, and does not begin again with a shorter past.
 * @throws AuthError TRAIL_INVALID with the place
 */
export const beginLife = ({ logId, at, closed, ...options }: Beginning): BegunLife => {
  const { files } = options
  const { lives, problems } = readLives(files)
  if (problems.length > 0) throw new AuthError('TRAIL_INVALID', `${livesFile} ${problems[0]}`)
  const last = lives.at(-1) ?? null
  const isSame = last !== null && logIdOf(last) === logId
  const life = isSame ? last : freeName(logId, lives)
  const previous = isSame ? (lives.at(-2) ?? null) : last
  const trees = TrailLife.opened({ ...options, life, previous })
  if ((isSame && !trees.isSigned) || trees.hasLostHeads) {
    const path = join(treeFolder(life, 'heads'), checkpointFile)
    const witness = isSame ? livesFile : 'a partition'
    throw new AuthError('TRAIL_INVALID', `${path} is gone, and ${witness} says that it was there`)
  }
  if (isSame) return { life, trees, isNew: false }
  trees.seal(at, closed)
  addLife(files, life)
  return { life, trees, isNew: true }
}
