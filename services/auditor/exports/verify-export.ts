import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { openOwnCheckpoint } from '../../../shared/tlog/checkpoint.ts'
import type { NoteVerifier } from '../../../shared/tlog/signed-note.ts'
import { exportFormats } from '../export-formats/index.ts'
import type { TrailFiles } from '../files/index.ts'
import { isChosen, isWhole } from './event-filter.ts'
import { type ExportIndex, givenLogs, readIndex } from './export-index.ts'
import { ExportLineCheck } from './export-line-check.ts'
import { checkRoot, leavesOf } from './exported-log.ts'
import { type LogsNamedByHeads, logsNamedByHeads } from './logs-named-by-heads.ts'
import { emptyTree, treeFrom } from './saved-tree.ts'

const chunkBytes = 1_024 * 1_024
const lineFeed = 0x0a

/** The bytes of a file, a piece at a time. */
function* piecesOf(path: string): Generator<Buffer> {
  const file = openSync(path, 'r')
  try {
    for (;;) {
      const chunk = Buffer.alloc(chunkBytes)
      const count = readSync(file, chunk, 0, chunk.length, null)
      if (count === 0) return
      yield chunk.subarray(0, count)
    }
  } finally {
    closeSync(file)
  }
}

/** The lines of what comes in pieces, without their ends; a last one without an end too. */
class LineSplitter {
  #rest: Buffer = Buffer.alloc(0)

  /** What stands behind the last end of a line. */
  rest(): Buffer {
    return this.#rest
  }

  *push(piece: Buffer): Generator<Buffer> {
    const bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece])
    let from = 0
    for (let to = bytes.indexOf(lineFeed); to >= 0; to = bytes.indexOf(lineFeed, from)) {
      yield bytes.subarray(from, to)
      from = to + 1
    }
    this.#rest = bytes.subarray(from)
  }
}

const breathEvery = 256

/**
 * The SHA-256 of what the trail gives for this index now. The logs are read as far as the index
 * names them, and compared with their signed roots.
 * @throws AuthError TRAIL_INVALID when the trail is not what was signed, or ends before
 */
const remadeSha256 = async (
  files: TrailFiles,
  { format, product, filter, logs }: ExportIndex,
  known: readonly NoteVerifier[],
): Promise<string> => {
  const encoder = await exportFormats[format].open(product, null)
  const hash = createHash('sha256').update(encoder.begin())
  for (const { life, partition, checkpoint: note, begin = emptyTree } of logs) {
    const { checkpoint } = openOwnCheckpoint(Buffer.from(note), known)
    const log = { life, partition, checkpoint, note }
    const tree = treeFrom(begin)
    for (const leaf of leavesOf(files, log, tree.size)) {
      tree.add(leaf.hash)
      if (isChosen(filter, leaf)) hash.update(encoder.add(leaf))
      if (tree.size % breathEvery === 0) await setImmediate()
    }
    checkRoot(log, tree)
  }
  return hash.update(encoder.end()).digest('hex')
}

export type VerifiedExport = Readonly<{
  index: ExportIndex
  /** Whether it was led to the signed roots: else the index is believed for what is in the file. */
  isProven: boolean
  /**
   * When the newest head was signed, if all logs that the heads name are there; `null` when that
   * is not proven: a log, or a whole life, may have been left out.
   */
  completeTo: string | null
  /**
   * Leaves at the beginnings of logs that it does not have: a retention let go of them before, or
   * somebody took them out. Without the trail nobody can tell.
   */
  lacking: number
  findings: readonly string[]
}>

const checkpointProblems = (
  { logs }: ExportIndex,
  known: readonly NoteVerifier[],
): readonly string[] =>
  logs.flatMap(({ log, life, partition, size, root, checkpoint: note }) => {
    try {
      const { checkpoint } = openOwnCheckpoint(Buffer.from(note), known)
      const isSame =
        checkpoint.origin === log &&
        log.endsWith(`/${life}/${partition}`) &&
        checkpoint.size === size &&
        checkpoint.root.toString('base64') === root
      return isSame ? [] : [`${life}/${partition}: the checkpoint names another size or root`]
    } catch (error) {
      return [`${life}/${partition}: the checkpoint is not signed: ${(error as Error).message}`]
    }
  })

const sumProblems = ({ events, kinds, logs }: ExportIndex): readonly string[] => {
  const ofLogs = logs.reduce((sum, log) => sum + log.events, 0)
  const ofKinds = Object.values(kinds).reduce((sum, count) => sum + count, 0)
  return ofLogs === events && ofKinds === events
    ? []
    : [`the index counts ${events} events, ${ofLogs} of all logs, and ${ofKinds} of all kinds`]
}

const logProblems = ({ logs }: ExportIndex): readonly string[] => {
  const names = logs.map(({ life, partition }) => `${life}/${partition}`)
  const twice = names.filter((name, at) => names.indexOf(name) !== at)
  if (names.length === 0) return ['the index names no log']
  return twice.map((name) => `${name}: is there twice`)
}

const remakeProblems = async (
  files: TrailFiles,
  index: ExportIndex,
  known: readonly NoteVerifier[],
): Promise<readonly string[]> => {
  try {
    const sha256 = await remadeSha256(files, index, known)
    return sha256 === index.sha256 ? [] : ['the trail gives other bytes for this index']
  } catch (error) {
    return [(error as Error).message]
  }
}

/** The file against its index, in one reading. */
const fileProblems = (
  file: string,
  index: ExportIndex,
  heads: LogsNamedByHeads['heads'],
): readonly string[] => {
  const lines = index.format === 'cloudevents' ? new ExportLineCheck(index, heads) : null
  const splitter = new LineSplitter()
  const hash = createHash('sha256')
  let bytes = 0
  for (const piece of piecesOf(file)) {
    hash.update(piece)
    bytes += piece.length
    if (lines) for (const line of splitter.push(piece)) lines.meet(line)
  }
  const sha256 = hash.digest('hex')
  return [
    ...(bytes === index.bytes ? [] : [`the file has ${bytes} bytes, and had ${index.bytes}`]),
    ...(sha256 === index.sha256 ? [] : [`the file has the SHA-256 ${sha256}`]),
    ...(lines && splitter.rest().length > 0 ? ['the last line has no end'] : []),
    ...(lines?.ended() ?? []),
  ]
}

/**
 * Reads an export and compares it with the index beside it, offline: its hash and its counts, the
 * signatures, the logs that the newest heads name, and, of CloudEvents that nothing was left out
 * of, the roots. With the trail that it is from, it is made again and compared, unless it has in
 * clear what is sealed there.
 * @throws AuthError TRAIL_INVALID when it has no index
 */
export const verifyExport = async (
  file: string,
  known: readonly NoteVerifier[],
  trail: TrailFiles | null = null,
): Promise<VerifiedExport> => {
  const index = readIndex(file)
  const isRemade = trail !== null && !index.unsealed
  const { heads, completeTo, problems } = logsNamedByHeads(index.lives, givenLogs(index), known)
  const findings = [
    ...sumProblems(index),
    ...logProblems(index),
    ...problems,
    ...checkpointProblems(index, known),
    ...fileProblems(file, index, heads),
    ...(isRemade && trail ? await remakeProblems(trail, index, known) : []),
  ]
  const isByLines = index.format === 'cloudevents' && isWhole(index.filter)
  const lacking = index.logs.reduce((sum, { begin }) => sum + (begin?.size ?? 0), 0)
  return { index, isProven: isByLines || isRemade, completeTo, lacking, findings }
}
