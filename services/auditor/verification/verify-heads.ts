import { join } from 'node:path'
import { isAuthError } from '../../../shared/kernel/errors.ts'
import { type Checkpoint, openOwnCheckpoint } from '../../../shared/tlog/checkpoint.ts'
import type { TreeHead } from '../../../shared/tlog/merkle-proof.ts'
import type { NoteVerifier } from '../../../shared/tlog/signed-note.ts'
import {
  checkpointFile,
  entryAt,
  type Life,
  originOf,
  type TrailFiles,
  type TreeName,
  treeFolder,
  witnessedFile,
} from '../files/index.ts'
import { type ReadHead, readHead } from '../trees/index.ts'
import { UnsignedMarks } from './unsigned-marks.ts'
import { type OriginJudge, type VerifiedLog, verifyLog } from './verify-log.ts'

/**
 * The most marks of one partition. At this number every second one is dropped, so that they stay
 * evenly spread.
 */
const marksMax = 50_000

/** What the heads say of each partition, from the smallest size to the largest. */
export class HeadMarks {
  readonly #marks = new Map<number, TreeHead[]>()

  /** What is wrong with the next head; `null` when it goes on from those before. */
  meet(heads: ReadonlyMap<number, TreeHead>): string | null {
    let problem: string | null = null
    for (const [partition, head] of heads) {
      const known = this.#marks.get(partition) ?? []
      const last = known.at(-1)
      this.#marks.set(partition, known)
      if (last && head.size < last.size) {
        problem = `names ${head.size} leaves of partition ${partition} after ${last.size}`
      } else if (last && head.size === last.size) {
        if (!head.root.equals(last.root)) problem = `names another root of partition ${partition}`
      } else known.push(head)
      if (known.length > marksMax) this.#marks.set(partition, everyOther(known))
    }
    return problem
  }

  of(partition: number): readonly TreeHead[] {
    return this.#marks.get(partition) ?? []
  }

  partitions(): readonly number[] {
    return [...this.#marks.keys()]
  }
}

/** The newest one stays. */
const everyOther = (marks: readonly TreeHead[]): TreeHead[] =>
  marks.filter((_, at) => (marks.length - 1 - at) % 2 === 0)

type HeadsOptions = Readonly<{
  files: TrailFiles
  known: readonly NoteVerifier[]
  breathe?: () => Promise<void>
}>

export type Neighbours = Readonly<{ previous: Life | null; next: Life | null }>

export type VerifiedHeads = Readonly<{
  log: VerifiedLog
  marks: HeadMarks
  /** The fleet whose streams count, as the newest head names it. */
  fleet: string | null
  unsigned: UnsignedMarks
}>

/** The name of the key that signed, the life and the tree: nothing else is this log. */
export const originJudge =
  (life: Life, tree: TreeName): OriginJudge =>
  (found, by) =>
    by.some(({ kind, name }) => kind === 'log' && found === originOf(name, life, tree))
      ? null
      : `is of ${found}`

export const shorterThanHeads = (
  size: number | null,
  heads: readonly TreeHead[],
): string | null => {
  const newest = heads.at(-1)
  if (!newest || size === null || size >= newest.size) return null
  return `ends at ${size}, and ${newest.size} is what a head names`
}

/** The head of `life` in a note; what is wrong of it otherwise. */
const headIn = (
  note: Buffer,
  life: Life,
  known: readonly NoteVerifier[],
): Readonly<{ head: Checkpoint; isWitnessed: boolean }> | string => {
  try {
    const { checkpoint, by } = openOwnCheckpoint(note, known)
    const problem = originJudge(life, 'heads')(checkpoint.origin, by)
    return problem ?? { head: checkpoint, isWitnessed: by.some(({ kind }) => kind === 'witness') }
  } catch (error) {
    if (!isAuthError(error)) throw error
    return error.message
  }
}

/** The first head of a life holds the signed head of the one before, and of no other. */
const chainProblem = (
  { previous: text }: ReadHead,
  previous: Life | null,
  known: readonly NoteVerifier[],
): string | null => {
  if (previous === null) {
    return text === null ? null : 'holds the head of a life before it, which `lives` does not name'
  }
  if (text === null) return `does not hold the head of ${previous}`
  const read = headIn(Buffer.from(text), previous, known)
  return typeof read === 'string' ? `holds a head before it that is none: ${read}` : null
}

/** As the next life noted it; what is wrong there is said of that life. */
const notedHead = ({ files, known }: HeadsOptions, life: Life, next: Life): TreeHead | null => {
  const folder = treeFolder(next, 'heads')
  const note = files.read(join(folder, checkpointFile))
  const signed = note && headIn(note, next, known)
  if (!signed || typeof signed === 'string') return null
  const first = entryAt({ files, folder }, 0, signed.head.size)
  const text = first && readHead(first)?.previous
  const read = text ? headIn(Buffer.from(text), life, known) : ''
  return typeof read === 'string' ? null : read.head
}

/**
 * What a log of heads must reach although it lies elsewhere: the next life’s note of it, and what
 * witnesses cosigned. It is read before the log, which grows meanwhile.
 */
const notedElsewhere = (options: HeadsOptions, life: Life, next: Life | null) => {
  const { files, known } = options
  const noted = next === null ? null : notedHead(options, life, next)
  const wantsWitness = next === null && known.some(({ kind }) => kind === 'witness')
  const note = files.read(join(treeFolder(life, 'heads'), witnessedFile))
  const read = note ? headIn(note, life, known) : null
  const heads = [noted, read === null || typeof read === 'string' ? null : read.head]
  const problem =
    typeof read === 'string'
      ? `is no head: ${read}`
      : wantsWitness && !read?.isWitnessed
        ? 'has no signature of a witness that is known here'
        : null
  const marks = heads.filter((head) => head !== null)
  return { marks: marks.toSorted((one, other) => one.size - other.size), problem }
}

/** The log of heads of a life, the head of the life before in it, and what others noted of it. */
export const verifyHeads = async (
  options: HeadsOptions,
  life: Life,
  { previous, next }: Neighbours,
): Promise<VerifiedHeads> => {
  const { files, known, breathe } = options
  const elsewhere = notedElsewhere(options, life, next)
  const marks = new HeadMarks()
  const unsigned = new UnsignedMarks()
  let fleet: string | null = null
  const log = await verifyLog({
    ...{ files, known, folder: treeFolder(life, 'heads'), origin: originJudge(life, 'heads') },
    ...{ marks: elsewhere.marks, ...(breathe && { breathe }) },
    onEntry: (entry, index) => {
      const head = readHead(entry)
      if (head === null) return 'is no head'
      fleet = head.fleet
      unsigned.meet(head.unsigned)
      const problem = index === 0 ? chainProblem(head, previous, known) : null
      return problem ?? marks.meet(head.partitions)
    },
  })
  const shorter = shorterThanHeads(log.checkpoint?.size ?? null, elsewhere.marks)
  if (shorter !== null) log.findings.add(checkpointFile, null, shorter)
  if (elsewhere.problem !== null) log.findings.add(witnessedFile, null, elsewhere.problem)
  return { log, marks, fleet, unsigned }
}
