import { join } from 'node:path'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { type Checkpoint, openOwnCheckpoint } from '../../../shared/tlog/checkpoint.ts'
import { consistencyProof, isConsistent, type TreeHead } from '../../../shared/tlog/merkle-proof.ts'
import type { NoteVerifier } from '../../../shared/tlog/signed-note.ts'
import { nodesInTiles, tileWidth } from '../../../shared/tlog/tile-path.ts'

import { parseTlogProof, verifyTlogProof } from '../../../shared/tlog/tlog-proof.ts'
import {
  checkpointFile,
  entryAt,
  type Life,
  livesOf,
  originOf,
  proveEntry,
  readMinimumIndex,
  signedTiles,
  sizeIn,
  type TrailFiles,
  treeBelow,
  treeFolder,
} from '../files/index.ts'
import { type ReadHead, readHead } from '../trees/index.ts'

/** A partition of which the leaves from `from` up to `to` go; those below are gone already. */
export type RetainedLog = Readonly<{
  life: Life
  partition: number
  checkpoint: Checkpoint
  from: number
  to: number
  /** The root of the first `to` leaves. */
  root: Buffer
}>

type Trail = Readonly<{ files: TrailFiles; known: readonly NoteVerifier[] }>

/**
 * The name that the logs of a trail begin with, as its newest log of heads says.
 * @throws AuthError TRAIL_INVALID where none is signed
 */
export const nameOfTrail = ({ files, known }: Trail): string => {
  const life = livesOf(files).at(-1)
  const note =
    life === undefined ? null : files.read(join(treeFolder(life, 'heads'), checkpointFile))
  if (life === undefined || !note) throw new AuthError('TRAIL_INVALID', 'there is no signed trail')
  const { origin } = openOwnCheckpoint(note, known).checkpoint
  const [name, rest] = [origin.slice(0, -`/${life}/heads`.length), `/${life}/heads`]
  if (originOf(name, life, 'heads') === origin) return name
  throw new AuthError('TRAIL_INVALID', `the log of heads is of ${origin}, not of …${rest}`)
}

/**
 * By the auditor’s clock and by closed times: these never go back, so a head that was signed while
 * the clock stood in the past is not taken for an old one.
 */
const isBefore = ({ time, closed }: ReadHead, before: EpochMs): boolean =>
  Date.parse(time ?? '') < before && (closed === null || Date.parse(closed) < before)

/** The newest head of a life that was signed before the instant. */
const headBefore = async (
  { files, known }: Trail,
  life: Life,
  before: EpochMs,
): Promise<ReadHead | null> => {
  const folder = treeFolder(life, 'heads')
  const checkpoint = files.read(join(folder, checkpointFile))
  if (!checkpoint) return null
  const size = sizeIn(checkpoint)
  const headAt = (index: number): ReadHead | null => {
    const entry = entryAt({ files, folder }, index, size)
    return entry && readHead(entry)
  }
  let [low, high] = [0, size]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const head = headAt(middle)
    if (head && isBefore(head, before)) low = middle + 1
    else high = middle
  }
  if (low === 0) return null
  const proof = await proveEntry({ files, folder }, { checkpoint, size }, low - 1)
  const parsed = parseTlogProof(proof)
  const entry = parsed.extra ?? Buffer.alloc(0)
  verifyTlogProof(parsed, entry, known)
  return readHead(entry)
}

/**
 * Whether a tree is the beginning of the signed one, by the hashes of the log.
 * @throws AuthError TRAIL_INVALID when one of them is not there
 */
export const beginsWith = async (
  files: TrailFiles,
  folder: string,
  older: TreeHead,
  { size, root }: TreeHead,
): Promise<boolean> => {
  if (older.size > size) return false
  const nodes = nodesInTiles(signedTiles(files, folder), size)
  const proof = await consistencyProof(nodes, older.size, size)
  return isConsistent(older, { size, root }, proof)
}

const retainedLog = async (
  { files, known }: Trail,
  [life, partition]: readonly [Life, number],
  named: number,
): Promise<readonly RetainedLog[]> => {
  const folder = treeFolder(life, partition)
  const note = files.read(join(folder, checkpointFile))
  if (!note) return []
  const { checkpoint } = openOwnCheckpoint(note, known)
  // What another name signed, no event of this one can speak of.
  if (checkpoint.origin !== originOf(nameOfTrail({ files, known }), life, partition)) return []
  const from = readMinimumIndex(files, folder)
  // The last leaf stays: the auditor goes on from it.
  const end = Math.min(named, checkpoint.size - 1)
  const to = Math.max(from, Math.floor(end / tileWidth) * tileWidth)
  if (to === 0) return []
  const below = treeBelow(files, folder, to)?.head()
  if (!below || !(await beginsWith(files, folder, below, checkpoint))) {
    const text = `${folder} does not lead to its signed root: curfew audit verify says where`
    throw new AuthError('TRAIL_INVALID', text)
  }
  return [{ life, partition, checkpoint, from, to, root: below.root }]
}

/**
 * What was signed before the instant, in whole bundles: of each log how far it goes. Those that
 * lost something before are among them also where nothing more goes.
 * @throws AuthError TRAIL_INVALID when the trail is not as it was signed
 */
export const planRetention = async (
  trail: Trail,
  before: EpochMs,
): Promise<readonly RetainedLog[]> => {
  const logs: RetainedLog[] = []
  for (const life of livesOf(trail.files)) {
    const head = await headBefore(trail, life, before)
    for (const [partition, { size }] of head?.partitions ?? []) {
      logs.push(...(await retainedLog(trail, [life, partition], size)))
    }
  }
  return logs
}

export const leavesIn = (logs: readonly Pick<RetainedLog, 'from' | 'to'>[]): number =>
  logs.reduce((sum, { from, to }) => sum + to - from, 0)
