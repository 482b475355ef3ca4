import { AuthError } from '../../../shared/kernel/errors.ts'
import { type Checkpoint, openOwnCheckpoint } from '../../../shared/tlog/checkpoint.ts'
import type { TreeHead } from '../../../shared/tlog/merkle-proof.ts'
import type { NoteVerifier } from '../../../shared/tlog/signed-note.ts'
import { parseTlogProof, verifyTlogProof } from '../../../shared/tlog/tlog-proof.ts'
import { readHead } from '../trees/index.ts'
import type { SignedLife } from './signed-lives.ts'

/** A partition of an export, by what its checkpoint names. */
export type GivenLog = Readonly<{ log: string; life: string; partition: number }> & TreeHead

export type LogsNamedByHeads = Readonly<{
  /** For each log, by `LIFE/PARTITION`: the tree head that the newest head of its life names. */
  heads: ReadonlyMap<string, TreeHead>
  /**
   * When the newest head was signed, by the auditor’s clock; `null` when the heads do not say of
   * every log that it must be there.
   */
  completeTo: string | null
  problems: readonly string[]
}>

type ReadLife = Readonly<{
  life: string
  /** The checkpoint of the log of heads. */
  checkpoint: Checkpoint
  partitions: ReadonlyMap<number, TreeHead>
  at: string | null
  /** The signed head of the life before. */
  previous: string | null
}>

const entryIn = (text: string, known: readonly NoteVerifier[]) => {
  const proof = parseTlogProof(Buffer.from(text))
  const entry = proof.extra ?? Buffer.alloc(0)
  const { checkpoint } = verifyTlogProof(proof, entry, known)
  const head = readHead(entry)
  if (head === null) throw new AuthError('TRAIL_INVALID', 'it is no head')
  return { checkpoint, head, index: proof.index }
}

/** @throws AuthError TRAIL_INVALID when its heads are not those that were signed */
const readLife = (
  { life, first: firstProof, newest: newestProof }: SignedLife,
  known: readonly NoteVerifier[],
): ReadLife => {
  const [first, newest] = [entryIn(firstProof, known), entryIn(newestProof, known)]
  const { checkpoint, head } = newest
  const isSame =
    checkpoint.origin.endsWith(`/${life}/heads`) &&
    newest.index === checkpoint.size - 1 &&
    first.index === 0 &&
    first.checkpoint.origin === checkpoint.origin
  if (!isSame) throw new AuthError('TRAIL_INVALID', 'they are not the first and the newest of it')
  const { previous } = first.head
  return { life, checkpoint, partitions: head.partitions, at: head.time, previous }
}

/** A life names the one before it; only the first one may have none. */
const chainProblems = (
  lives: readonly ReadLife[],
  known: readonly NoteVerifier[],
): readonly string[] =>
  lives.flatMap(({ life, previous }, at) => {
    if (previous === null) return []
    const before = lives[at - 1]
    const { checkpoint } = openOwnCheckpoint(Buffer.from(previous), known)
    const isBefore =
      before?.checkpoint.origin === checkpoint.origin && before.checkpoint.size >= checkpoint.size
    return isBefore ? [] : [`${life}: goes on from ${checkpoint.origin}, which is not all there`]
  })

const logProblem = (
  { life, checkpoint }: ReadLife,
  [partition, head]: readonly [number, TreeHead],
  logs: readonly GivenLog[],
): string | null => {
  const name = `${life}/${partition}`
  const log = logs.find((one) => one.life === life && one.partition === partition)
  if (head.size > (log?.size ?? 0)) {
    return `${name}: the newest head names ${head.size} leaves, and ${log?.size ?? 0} are there`
  }
  if (!log) return null
  const origin = checkpoint.origin.replace(/heads$/, String(partition))
  if (log.log !== origin) return `${name}: the newest head is of ${origin}`
  const isOther = log.size === head.size && !log.root.equals(head.root)
  return isOther ? `${name}: the newest head names another root` : null
}

/**
 * Which logs must be there, and whether they are: those that the newest head of each life names.
 * Roots of longer logs are compared by whoever reads their leaves.
 */
export const logsNamedByHeads = (
  lives: readonly SignedLife[],
  logs: readonly GivenLog[],
  known: readonly NoteVerifier[],
): LogsNamedByHeads => {
  const heads = new Map<string, TreeHead>()
  try {
    const read = lives.map((life) => readLife(life, known))
    const problems = [...chainProblems(read, known)]
    for (const life of read) {
      for (const [partition, head] of life.partitions) {
        heads.set(`${life.life}/${partition}`, head)
        const problem = logProblem(life, [partition, head], logs)
        if (problem !== null) problems.push(problem)
      }
    }
    const isNamed = logs.every(({ life }) => read.some((one) => one.life === life))
    const at = isNamed ? (read.at(-1)?.at ?? null) : null
    return { heads, completeTo: problems.length === 0 ? at : null, problems }
  } catch (error) {
    const { message } = error as Error
    const problem = `the heads of the export are not as they were signed: ${message}`
    return { heads, completeTo: null, problems: [problem] }
  }
}
